"""What the rules cite more than once, and the papers, each with one name and one address."""

from lrcourse.advise.parts import HOLDS, Claimed, Habit, Paper

ARXIV = "https://arxiv.org/abs/"
TORCH = "https://docs.pytorch.org/docs/stable/generated/torch.optim."
ADAM_DEFAULT = Habit("PyTorch's default for Adam", f"{TORCH}Adam.html")
BERT = Paper("Devlin et al. 2018, appendix A.3", f"{ARXIV}1810.04805")
CALIBRATED = Paper("Ma and Yarats 2019", f"{ARXIV}1910.04209")
CHINCHILLA_LINE = Paper("Bergsma et al. 2025", f"{ARXIV}2502.15938")
COOLDOWN = Paper("Hägele et al. 2024", f"{ARXIV}2405.18392")
CRITICAL = Paper("McCandlish et al. 2018", f"{ARXIV}1812.06162")
CYCLIC = Paper("Smith 2017", f"{ARXIV}1506.01186")
GOYAL = Paper("Goyal et al. 2017, sections 2.1 and 2.2", f"{ARXIV}1706.02677")
GPT3 = Habit("GPT-3, appendix B", f"{ARXIV}2005.14165")
LINE_PROOF = Paper("Defazio et al. 2023", f"{ARXIV}2310.07831")
LLAMA2 = Habit("LLaMA-2, section 2.2 and table 1", f"{ARXIV}2307.09288")
NADO = Paper("Nado et al. 2021", f"{ARXIV}2102.06356")
POST_NORM = Paper("Xiong et al. 2020", f"{ARXIV}2002.04745")
RADAM = Paper("Liu et al. 2019", f"{ARXIV}1908.03265")
RESNET = Habit("He et al. 2015, batch 256, momentum 0.9", f"{ARXIV}1512.03385")
RMSPROP = Habit("PyTorch's RMSprop", f"{TORCH}RMSprop.html")
REWARM = Paper("Gupta et al. 2023", f"{ARXIV}2308.04014")
REPLAY = Paper("Ibrahim et al. 2024", f"{ARXIV}2403.08763")
ROBERTA = Habit(
    "RoBERTa's commands for GLUE",
    "https://github.com/facebookresearch/fairseq/blob/main/examples/roberta/README.glue.md",
)
SCHEDULE_FREE = Paper("Defazio et al. 2024", f"{ARXIV}2405.15682")
SDE = Paper("Malladi et al. 2022", f"{ARXIV}2205.10287")
SNAPSHOTS = Paper("Huang et al. 2017", f"{ARXIV}1704.00109")
VIT = Habit("ViT, table 3", f"{ARXIV}2010.11929")
WHY_WARMUP = Paper("Kalra and Barkeshli 2024", f"{ARXIV}2406.09405")
WSD = Paper("Hu et al. 2024 (MiniCPM)", f"{ARXIV}2404.06395")

# A pick that several rules rest on, and that `lrcourse find` suggests.
ONSET = Claimed("third-of-the-onset-is-a-good-peak", HOLDS)

# How far the noise scale can be trusted.
TOO_MUCH = Claimed("noise-scale-promises-too-much", HOLDS)
