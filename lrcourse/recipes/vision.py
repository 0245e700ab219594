"""Recipes of image models, each figure as its source has it."""

from typing import Any, NamedTuple

from lrcourse.recipes.base import Recipe, Source
from lrcourse.recipes.clocks import Batch, Length

IMAGENET = 1_281_167
IMAGENET_SIZE = Source(
    "data set card of ImageNet 2012",
    "https://huggingface.co/datasets/mlx-vision/imagenet-1k",
    "the page",
    "contains 1,281,167 training images, 50,000 validation images",
)
HE = Source(
    "He et al. 2015, Deep Residual Learning",
    "https://arxiv.org/abs/1512.03385",
    "sections 3.4 and 4.2 in public copies of the text, which agree",
    "We use SGD with a mini-batch size of 256. The learning rate starts from 0.1 and is divided "
    "by 10 when the error plateaus, and the models are trained for up to 60 × 10^4 iterations.",
)
HE_CIFAR = Source(
    HE.name,
    HE.address,
    "section 4.2 in public copies of the text, which agree",
    "We start with a learning rate of 0.1, divide it by 10 at 32k and 48k iterations, and "
    "terminate training at 64k iterations, which is determined on a 45k/5k train/val split.",
)
HE_110 = Source(
    HE.name,
    HE.address,
    "section 4.2 and its footnote in public copies of the text, which agree",
    "So we use 0.01 to warm up the training until the training error is below 80% (about 400 "
    "iterations), and then go back to 0.1 and continue training.",
)
PYTORCH_EXAMPLES = Source(
    "pytorch/examples, imagenet/main.py",
    "https://github.com/pytorch/examples/blob/main/imagenet/main.py",
    "an earlier version of the file",
    "'--epochs', default=90 [...] '--batch-size', default=256 [...] '--lr', default=0.1 [...] "
    "lr = args.lr * (0.1 ** (epoch // 30))",
)
WRN = Source(
    "szagoruyko/wide-residual-networks, scripts/train_cifar.sh and train.lua",
    "https://github.com/szagoruyko/wide-residual-networks",
    "both files",
    'learningRate=0.1 epoch_step="{60,120,160}" max_epoch=200 learningRateDecayRatio=0.2',
)
GOYAL = Source(
    "Goyal et al. 2017, Accurate, Large Minibatch SGD",
    "https://arxiv.org/abs/1706.02677",
    "sections 2.2 and 5.1 in public copies of the text, which agree",
    "increment it by a constant amount at each iteration such that it reaches kη after 5 epochs. "
    "[...] All models are trained for 90 epochs regardless of minibatch sizes. [...] use a "
    "learning rate of η = 0.1 · kn/256 [...] and reduce it by 1/10 at the 30-th, 60-th, and 80-th "
    "epoch",
)
TENSORPACK = Source(
    "tensorpack/benchmarks, imagenet-resnet-horovod.py",
    "https://github.com/tensorpack/benchmarks/blob/master/ResNet-Horovod/imagenet-resnet-horovod.py",
    "the file, a re-implementation that quotes the paper",
    "steps_per_epoch = int(np.round(1281167 / total_batch))",
)
VIT = Source(
    "Dosovitskiy et al. 2020, An Image is Worth 16x16 Words",
    "https://arxiv.org/abs/2010.11929",
    "section 4.1 and Table 3 in public copies of the text, which agree",
    "ViT-L/16 JFT-300M 7/14 4·10^-4 linear [...] ViT-B/{16,32} ImageNet-21k 90 10^-3 linear, "
    "ViT-L/{16,32} ImageNet-21k 30/90 10^-3 linear, ViT-* ImageNet 300 3·10^-3 cosine. All models "
    "are trained with a batch size of 4096 and learning rate warmup of 10k steps.",
)
VIT_ISSUE = Source(
    "google-research/vision_transformer, issue 2",
    "https://github.com/google-research/vision_transformer/issues/2",
    "the answer of an author of the code",
    "lr.base=1e-3 lr.decay_type=linear lr.linear_end=1e-5 lr.warmup_steps=10_000 num_epochs=90",
)
IMAGENET_21K_SIZE = Source(
    "ImageNet",
    "https://www.image-net.org",
    "its numbers as many public notes repeat them",
    "14,197,122 images, 21841 synsets indexed",
)
CONVNEXT = Source(
    "facebookresearch/ConvNeXt, TRAINING.md, main.py and utils.py",
    "https://github.com/facebookresearch/ConvNeXt",
    "the three files",
    "--model convnext_tiny --batch_size 128 --lr 4e-3 --update_freq 1 [4 nodes of 8 GPUs]; "
    "epochs default=300, warmup_epochs default=20, min_lr default=1e-6",
)


def epochs(number: float) -> Length:
    """So many passes over the training set."""
    return Length(number, "epochs")


def steps(number: float) -> Length:
    """So many updates of the optimizer."""
    return Length(number, "steps")


class Images(NamedTuple):
    """A training set: its name, how many images it has, and who says so."""

    name: str
    number: int
    source: Source


JFT_SIZE = Source(
    VIT.name, VIT.address, "section 4.1", "JFT with 18k classes and 303M high-resolution images"
)
JFT = Images("JFT-300M", 303_000_000, JFT_SIZE)
IMAGENET_21K = Images("ImageNet-21k", 14_197_122, IMAGENET_21K_SIZE)
SCRATCH = Images("ImageNet from scratch", IMAGENET, IMAGENET_SIZE)


def vit(name: str, model: str, images: Images, passes: int, **rates: Any) -> Recipe:
    """One line of Table 3 of the ViT paper: batch 4096, 10,000 steps of warmup."""
    return Recipe(
        name=name,
        title=f"{model} on {images.name}, {passes} epochs",
        year=2020,
        optimizer="Adam, betas 0.9 and 0.999",
        family="adam",
        warmup=steps(10_000),
        length=epochs(passes),
        batch=Batch(4096),
        samples_per_epoch=images.number,
        sources=(VIT, *rates.pop("more", ()), images.source),
        **rates,
    )


VISION = (
    Recipe(
        name="resnet-2015",
        title="ResNet on ImageNet, the paper",
        year=2015,
        optimizer="SGD with momentum 0.9",
        family="sgd",
        peak_lr=0.1,
        warmup=steps(0),
        decay="plateau",
        gamma=0.1,
        length=steps(600_000),
        batch=Batch(256),
        samples_per_epoch=IMAGENET,
        notes=(
            "Fixed drops every 30 epochs come from later code: see resnet-pytorch.",
            '"up to" so many steps: the paper does not say where the drops fell.',
        ),
        sources=(HE, IMAGENET_SIZE),
    ),
    Recipe(
        name="resnet-cifar",
        title="ResNet on CIFAR-10, the paper",
        year=2015,
        optimizer="SGD with momentum 0.9",
        family="sgd",
        peak_lr=0.1,
        warmup=steps(0),
        decay="drops",
        drops=(steps(32_000), steps(48_000)),
        gamma=0.1,
        length=steps(64_000),
        batch=Batch(128),
        sources=(HE_CIFAR,),
    ),
    Recipe(
        name="resnet110-cifar",
        title="ResNet-110 on CIFAR-10, the paper",
        year=2015,
        optimizer="SGD with momentum 0.9",
        family="sgd",
        peak_lr=0.1,
        start_lr=0.01,
        warmup=steps(400),
        warmup_kind="constant",
        decay="drops",
        drops=(steps(32_000), steps(48_000)),
        gamma=0.1,
        length=steps(64_000),
        batch=Batch(128),
        notes=(
            "The warmup ended when the training error fell below 80%; 400 steps is about that.",
            "A footnote says that starting at 0.1 reaches similar accuracy.",
        ),
        sources=(HE_110, HE_CIFAR),
    ),
    Recipe(
        name="wrn-cifar",
        title="Wide ResNet on CIFAR",
        year=2016,
        optimizer="SGD with Nesterov momentum 0.9",
        family="sgd",
        peak_lr=0.1,
        warmup=epochs(0),
        decay="drops",
        drops=(epochs(60), epochs(120), epochs(160)),
        gamma=0.2,
        length=epochs(200),
        batch=Batch(128),
        samples_per_epoch=50_000,
        notes=(
            "train.lua counts epochs from 1 and drops before an epoch begins, so its drops come "
            "one epoch earlier, and it leaves out the last, smaller batch of each epoch.",
            "50,000 images are the training set of CIFAR; the scripts do not name the number.",
        ),
        sources=(WRN, HE_CIFAR),
    ),
    Recipe(
        name="resnet-pytorch",
        title="ResNet on ImageNet, PyTorch's example",
        year=2017,
        optimizer="SGD with momentum 0.9",
        family="sgd",
        peak_lr=0.1,
        warmup=epochs(0),
        decay="drops",
        drops=(epochs(30), epochs(60)),
        gamma=0.1,
        length=epochs(90),
        batch=Batch(256),
        samples_per_epoch=IMAGENET,
        sources=(PYTORCH_EXAMPLES, IMAGENET_SIZE),
    ),
    Recipe(
        name="resnet50-goyal",
        title="ResNet-50 on ImageNet in one hour",
        year=2017,
        optimizer="SGD with Nesterov momentum 0.9",
        family="sgd",
        peak_lr=0.1 * 8192 / 256,
        start_lr=0.1,
        warmup=epochs(5),
        decay="drops",
        drops=(epochs(30), epochs(60), epochs(80)),
        gamma=0.1,
        length=epochs(90),
        batch=Batch(8192),
        samples_per_epoch=IMAGENET,
        notes=("The peak is 0.1 times batch/256; the warmup lasts 5 epochs at every batch.",),
        sources=(GOYAL, TENSORPACK),
    ),
    vit("vit-l16-jft-7", "ViT-L/16", JFT, 7, peak_lr=4e-4, decay="linear"),
    vit("vit-l16-jft-14", "ViT-L/16", JFT, 14, peak_lr=4e-4, decay="linear"),
    vit("vit-l16-21k-30", "ViT-L/16", IMAGENET_21K, 30, peak_lr=1e-3, decay="linear"),
    vit("vit-l16-21k-90", "ViT-L/16", IMAGENET_21K, 90, peak_lr=1e-3, decay="linear"),
    vit(
        "vit-b16-21k",
        "ViT-B/16",
        IMAGENET_21K,
        90,
        peak_lr=1e-3,
        min_lr=1e-5,
        decay="linear",
        more=(VIT_ISSUE,),
    ),
    vit("vit-imagenet", "ViT", SCRATCH, 300, peak_lr=3e-3, decay="cosine"),
    Recipe(
        name="convnext-t",
        title="ConvNeXt-T on ImageNet",
        year=2022,
        optimizer="AdamW",
        family="adam",
        peak_lr=4e-3,
        min_lr=1e-6,
        warmup=epochs(20),
        decay="cosine",
        length=epochs(300),
        batch=Batch(4096),
        samples_per_epoch=IMAGENET,
        notes=(
            "The code reaches the peak one step earlier (np.linspace) and leaves out the last, "
            "smaller batch of each epoch.",
        ),
        sources=(CONVNEXT, IMAGENET_SIZE),
    ),
)
