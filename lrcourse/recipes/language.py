"""Recipes of language models, each figure as its source has it."""

from typing import Any

from lrcourse.recipes.base import Recipe, Source
from lrcourse.recipes.clocks import Batch, Length, Ramp, Stages

VASWANI = Source(
    "Vaswani et al. 2017, Attention Is All You Need",
    "https://arxiv.org/abs/1706.03762",
    "sections 5.1 to 5.3 in public copies of the text, which agree",
    "We used warmup_steps = 4000. [...] We trained the base models for a total of 100,000 steps "
    "or 12 hours.",
)
DEVLIN = Source(
    "Devlin et al. 2018, BERT",
    "https://arxiv.org/abs/1810.04805",
    "the pre-training procedure in public copies of the text, which agree",
    "We train with batch size of 256 sequences [...] for 1,000,000 steps [...] learning rate of "
    "1e-4 [...] warmup over the first 10,000 steps, and linear decay of the learning rate.",
)
BERT_CODE = Source(
    "google-research/bert, optimization.py",
    "https://github.com/google-research/bert/blob/master/optimization.py",
    "the file",
    "polynomial_decay(learning_rate, global_step, num_train_steps, end_learning_rate=0.0, "
    "power=1.0, cycle=False)",
)
GPT1_ISSUE = Source(
    "openai/finetune-transformer-lm, issue 29, which quotes the paper",
    "https://github.com/openai/finetune-transformer-lm/issues/29",
    "the issue",
    "a max learning rate of 2.5e-4. The learning rate was increased linearly from zero over the "
    "first 2000 updates and annealed to 0 using a cosine schedule.",
)
MINGPT = Source(
    "karpathy/minGPT, README, notes on the papers",
    "https://github.com/karpathy/minGPT",
    "the file; copies of the papers' text agree",
    "We train for 100 epochs on minibatches of 64 randomly sampled, contiguous sequences of 512 "
    "tokens.",
)
GPT2_PAPER = Source(
    "Radford et al. 2019, Language Models are Unsupervised Multitask Learners",
    "https://cdn.openai.com/better-language-models/"
    "language_models_are_unsupervised_multitask_learners.pdf",
    "public copies of the text, which agree",
    "The learning rate of each model was manually tuned for the best perplexity on a 5% held-out "
    "sample of WebText.",
)
BROWN = Source(
    "Brown et al. 2020, Language Models are Few-Shot Learners",
    "https://arxiv.org/abs/2005.14165",
    "appendix B and Table 2.1 in public copies of the text, which agree",
    "cosine decay for learning rate down to 10% of its value, over 260 billion tokens (after 260 "
    "billion tokens, training continues at 10% of the original learning rate). There is a linear "
    "LR warmup over the first 375 million tokens. We also gradually increase the batch size "
    "linearly from a small value (32k tokens) to the full value over the first 4-12 billion "
    "tokens of training, depending on the model size. All models were trained for a total of 300 "
    "billion tokens. GPT-3 Small 125M [...] 0.5M 6.0 × 10^-4 [...] GPT-3 175B [...] 3.2M "
    "0.6 × 10^-4",
)
ROBERTA_CODE = Source(
    "facebookresearch/fairseq, examples/roberta/config/pretraining/base.yaml and README",
    "https://github.com/facebookresearch/fairseq/tree/main/examples/roberta",
    "both files",
    "_name: polynomial_decay warmup_updates: 10000 [...] lr: [0.0005] max_update: 125000",
)
ROBERTA_RTE = Source(
    "facebookresearch/fairseq, examples/roberta/config/finetuning/rte.yaml",
    "https://github.com/facebookresearch/fairseq/tree/main/examples/roberta",
    "the file",
    "warmup_updates: 122 [...] lr: [2e-05] max_update: 2036",
)
LLAMA2 = Source(
    "Touvron et al. 2023, Llama 2",
    "https://arxiv.org/abs/2307.09288",
    "section 2.2 and Table 1 in public copies of the text, which agree",
    "We use a cosine learning rate schedule, with warmup of 2000 steps, and decay final learning "
    "rate down to 10% of the peak learning rate. [...] 7B 4k 2.0T 3.0 × 10^-4 [...] 70B 4k 2.0T "
    "1.5 × 10^-4 [...] All models are trained with a global batch-size of 4M tokens.",
)
LLAMA3 = Source(
    "Grattafiori et al. 2024, The Llama 3 Herd of Models",
    "https://arxiv.org/abs/2407.21783",
    "section 3.4.1 in public copies of the text, which agree",
    "a peak learning rate of 8e-5, a linear warm up of 8,000 steps, and a cosine learning rate "
    "schedule decaying to 8e-7 over 1,200,000 steps. [...] an initial batch size of 4M tokens "
    "[...] double [...] to 8M [...] after pre-training 252M tokens. We double the batch size "
    "again to 16M after pre-training on 2.87T tokens.",
)
NANOGPT = Source(
    "karpathy/nanoGPT, train.py and config/train_gpt2.py",
    "https://github.com/karpathy/nanoGPT",
    "both files",
    "learning_rate = 6e-4 [...] max_iters = 600000 [...] warmup_iters = 2000 [...] min_lr = 6e-5 "
    "[...] 12 batch size * 1024 block size * 5 gradaccum * 8 GPUs = 491,520",
)
PYTHIA = Source(
    "EleutherAI/pythia, models/12B/pythia-12b.yml",
    "https://github.com/EleutherAI/pythia/blob/main/models/12B/pythia-12b.yml",
    "the file",
    '"lr": 0.00012 [...] "min_lr": 0.000012 [...] "lr-decay-iters": 143000 [...] "warmup": 0.01',
)
OLMO = Source(
    "allenai/OLMo, configs/official/OLMo-7B.yaml and olmo/optim.py",
    "https://github.com/allenai/OLMo/blob/main/configs/official/OLMo-7B.yaml",
    "the first file, and of the second the schedules",
    "learning_rate: 3.0e-4 [...] linear_with_warmup t_warmup: 5000 alpha_f: 0.1 [...] "
    "max_duration: 2e12T # 2T tokens; initial_lr * (0.1 + 0.9 * min(step, warmup_steps) / "
    "warmup_steps)",
)
OLMO2 = Source(
    "allenai/OLMo, configs/official-1124/OLMo2-7B-stage1.yaml and -stage2",
    "https://github.com/allenai/OLMo/tree/main/configs/official-1124",
    "the first file, and of the second the part that is quoted",
    "learning_rate: 3.0e-4 [...] cosine_with_warmup units: tokens t_warmup: 8388608000 t_max: 5e12 "
    "alpha_f: 0.1; the next stage loads step928646",
)
DEEPSEEK = Source(
    "DeepSeek-AI 2024, DeepSeek LLM",
    "https://arxiv.org/abs/2401.02954",
    "section 2.3 in public copies of the text; Table 2 in two notes that agree",
    "reaches its maximum value after 2000 warmup steps, and then decreases to 31.6% of the "
    "maximum value after processing 80% of the training tokens. It further reduces to 10% of the "
    "maximum value after 90% of the tokens. [...] 67B [...] 4096 4608 3.2e-4 2.0T",
)
SMOLLM3 = Source(
    "huggingface/smollm, text/pretraining/README.md",
    "https://github.com/huggingface/smollm/blob/main/text/pretraining/README.md",
    "the file",
    "a global batch size of 2.36M tokens with 4096 sequence length, a learning rate of 2e-4 [...] "
    "We use the WSD (Warmup-Stable-Decay) scheduler, with 2000 warmup steps, and a linear decay "
    "to 0 in the final 10% training steps.",
)
SMOLLM3_BLOG = Source(
    "Hugging Face, SmolLM3",
    "https://huggingface.co/blog/smollm3",
    "excerpts in public notes, which agree",
    "we train SmolLM3 on 11.2T tokens using a three-stage training strategy",
)


def tokens(number: float) -> Length:
    """So many tokens seen."""
    return Length(number, "tokens")


def steps(number: float) -> Length:
    """So many updates of the optimizer."""
    return Length(number, "steps")


def gpt3(name: str, size: str, peak_lr: float, min_lr: float, ramp: Ramp, assumed: str) -> Recipe:
    """One of the eight models of the GPT-3 paper: they differ in peak and batch."""
    return Recipe(
        name=name,
        title=f"GPT-3 {size}",
        year=2020,
        optimizer="Adam, betas 0.9 and 0.95",
        family="adam",
        peak_lr=peak_lr,
        min_lr=min_lr,
        warmup=tokens(375e6),
        decay="cosine",
        decay_end=tokens(260e9),
        length=tokens(300e9),
        batch=ramp,
        tokens_per_sample=2048,
        notes=(
            f"The paper lets the batch grow over 4-12 billion tokens, by size of the model; "
            f"{assumed} is our choice. Another one: "
            f"recipe.knowing(batch=Ramp({ramp.first:g}, {ramp.full:.3g}, over=8e9)).",
        ),
        sources=(BROWN, MINGPT),
    )


def llama2(name: str, size: str, peak_lr: float, min_lr: float) -> Recipe:
    """One of the Llama 2 models: they differ in their peak."""
    return Recipe(
        name=name,
        title=f"Llama 2 {size}",
        year=2023,
        optimizer="AdamW, betas 0.9 and 0.95",
        family="adam",
        peak_lr=peak_lr,
        min_lr=min_lr,
        warmup=steps(2000),
        decay="cosine",
        length=tokens(2e12),
        batch=Batch(4e6, "tokens"),
        tokens_per_sample=4096,
        notes=('"4M" is read as 4,000,000, and a context of "4k" as 4096.',),
        sources=(LLAMA2,),
    )


ADAM: dict[str, Any] = {"optimizer": "Adam", "family": "adam"}
ADAMW: dict[str, Any] = {"optimizer": "AdamW", "family": "adam"}

LANGUAGE = (
    Recipe(
        name="transformer",
        title="Transformer, base",
        year=2017,
        optimizer="Adam, betas 0.9 and 0.98",
        family="adam",
        peak_lr=(512 * 4000) ** -0.5,
        warmup=steps(4000),
        decay="inverse sqrt",
        length=steps(100_000),
        batch=Batch(25_000, "tokens"),
        notes=(
            "The peak is 1/√(d W), with d = 512 and W = 4000.",
            "The paper counts steps from 1, so its first update uses the rate at t = 1.",
            "A batch has about 25,000 source tokens, counted here, and as many target tokens.",
        ),
        sources=(VASWANI,),
    ),
    Recipe(
        name="bert-base",
        title="BERT-Base",
        year=2018,
        optimizer="Adam with decoupled weight decay, betas 0.9 and 0.999, no bias correction",
        family="adam",
        peak_lr=1e-4,
        min_lr=0.0,
        warmup=steps(10_000),
        decay="linear",
        length=steps(1_000_000),
        batch=Batch(256),
        tokens_per_sample=512,
        notes=(
            "The code decays from step 0 on and lets the warmup cover the beginning: it jumps "
            "down by 1% at the end of the warmup, where this schedule begins its decay.",
            "The paper calls the length approximately 40 epochs.",
        ),
        sources=(DEVLIN, BERT_CODE),
    ),
    Recipe(
        name="gpt1",
        title="GPT-1",
        year=2018,
        **ADAM,
        peak_lr=2.5e-4,
        min_lr=0.0,
        warmup=steps(2000),
        decay="cosine",
        length=Length(100, "epochs"),
        batch=Batch(64),
        tokens_per_sample=512,
        notes=("How many sequences one epoch has was not published.",),
        sources=(GPT1_ISSUE, MINGPT),
    ),
    Recipe(
        name="gpt2",
        title="GPT-2",
        year=2019,
        optimizer="not published",
        family="adam",
        decay="unpublished",
        batch=Batch(512),
        tokens_per_sample=1024,
        notes=(
            "Neither rate nor schedule, warmup nor number of steps was published for GPT-2.",
            "The figures that circulate, 2.5e-4 and 2000 updates, are those of GPT-1: see gpt1.",
        ),
        sources=(GPT2_PAPER, MINGPT),
    ),
    Recipe(
        name="roberta-base",
        title="RoBERTa-base, fairseq's configuration",
        year=2019,
        optimizer="Adam, betas 0.9 and 0.98",
        family="adam",
        peak_lr=5e-4,
        min_lr=0.0,
        warmup=steps(10_000),
        decay="linear",
        length=steps(125_000),
        batch=Batch(2048),
        tokens_per_sample=512,
        sources=(ROBERTA_CODE,),
    ),
    Recipe(
        name="roberta-rte",
        title="RoBERTa, fine-tuned on RTE",
        year=2019,
        optimizer="Adam, betas 0.9 and 0.98",
        family="adam",
        peak_lr=2e-5,
        min_lr=0.0,
        warmup=steps(122),
        decay="linear",
        length=steps(2036),
        batch=Batch(16),
        sources=(ROBERTA_RTE,),
    ),
    gpt3("gpt3-175b", "175B", 0.6e-4, 0.6e-5, Ramp(32e3, 3.2e6, 12e9), "12 for the largest"),
    gpt3("gpt3-125m", "Small (125M)", 6e-4, 6e-5, Ramp(32e3, 0.5e6, 4e9), "4 for the smallest"),
    llama2("llama2-7b", "7B", 3e-4, 3e-5),
    llama2("llama2-70b", "70B", 1.5e-4, 1.5e-5),
    Recipe(
        name="nanogpt-124m",
        title="nanoGPT, GPT-2 (124M) reproduced",
        year=2023,
        optimizer="AdamW, betas 0.9 and 0.95",
        family="adam",
        peak_lr=6e-4,
        min_lr=6e-5,
        start_lr=6e-4 / 2001,
        warmup=steps(2000),
        decay="cosine",
        length=steps(600_000),
        batch=Batch(12 * 5 * 8),
        tokens_per_sample=1024,
        notes=("The first update uses 1/2001 of the peak: learning_rate * (it + 1) / 2001.",),
        sources=(NANOGPT,),
    ),
    Recipe(
        name="pythia-12b",
        title="Pythia 12B",
        year=2023,
        optimizer="Adam, betas 0.9 and 0.95",
        family="adam",
        peak_lr=1.2e-4,
        min_lr=1.2e-5,
        warmup=steps(0.01 * 143_000),
        decay="cosine",
        length=steps(143_000),
        batch=Batch(1024),
        tokens_per_sample=2048,
        notes=(
            "1024 sequences: 256 GPUs, 4 for each copy of the model, 8 sequences and 2 "
            "accumulations on each.",
        ),
        sources=(PYTHIA,),
    ),
    Recipe(
        name="deepseek-67b",
        title="DeepSeek LLM 67B",
        year=2024,
        optimizer="AdamW, betas 0.9 and 0.95",
        family="adam",
        peak_lr=3.2e-4,
        warmup=steps(2000),
        decay="drops",
        drops=(tokens(0.8 * 2e12), tokens(0.9 * 2e12)),
        gamma=0.1**0.5,
        length=tokens(2e12),
        batch=Batch(4608),
        tokens_per_sample=4096,
        notes=('"31.6%" and "10%" are read as two drops by 1/√10.',),
        sources=(DEEPSEEK,),
    ),
    Recipe(
        name="llama3-405b",
        title="Llama 3 405B",
        year=2024,
        **ADAMW,
        peak_lr=8e-5,
        min_lr=8e-7,
        warmup=steps(8000),
        decay="cosine",
        length=steps(1_200_000),
        batch=Stages((4e6, 8e6, 16e6), starts=(252e6, 2.87e12)),
        notes=(
            "The length is that of the schedule. Two later stages follow: long context, and a "
            "line to 0 over the last tokens.",
            "Sequences have 4096 tokens at first, then 8192.",
        ),
        sources=(LLAMA3,),
    ),
    Recipe(
        name="olmo-7b",
        title="OLMo 7B",
        year=2024,
        optimizer="AdamW, betas 0.9 and 0.95",
        family="adam",
        peak_lr=3e-4,
        min_lr=3e-5,
        start_lr=3e-5,
        warmup=steps(5000),
        decay="linear",
        length=tokens(2e12),
        batch=Batch(2048),
        tokens_per_sample=2048,
        notes=("The warmup starts at a tenth of the peak, as that version of the code has it.",),
        sources=(OLMO,),
    ),
    Recipe(
        name="olmo2-7b",
        title="OLMo 2 7B, first stage",
        year=2024,
        optimizer="AdamW, betas 0.9 and 0.95",
        family="adam",
        peak_lr=3e-4,
        min_lr=3e-5,
        warmup=tokens(8_388_608_000),
        decay="cosine",
        decay_end=tokens(5e12),
        length=steps(928_646),
        batch=Batch(1024),
        tokens_per_sample=4096,
        notes=(
            "The cosine is planned for more tokens than it gets: the second stage begins where "
            "this one is cut off, and goes to 0 in a straight line.",
        ),
        sources=(OLMO2,),
    ),
    Recipe(
        name="smollm3-3b",
        title="SmolLM3 3B",
        year=2025,
        optimizer="AdamW, betas 0.9 and 0.95",
        family="adam",
        peak_lr=2e-4,
        min_lr=0.0,
        warmup=steps(2000),
        decay="linear",
        decay_start=tokens(0.9 * 11.2e12),
        length=tokens(11.2e12),
        batch=Batch(2.36e6, "tokens"),
        tokens_per_sample=4096,
        notes=('"2.36M" is read as 2,360,000.',),
        sources=(SMOLLM3, SMOLLM3_BLOG),
    ),
)
