"""vit-tiny and char-transformer in PyTorch, one thread: a peer for `npm run bench -- transformers` and docs/training.md.

    python3 bench/peers/transformers.py      reads lines "NETWORK train|evaluate REPEATS"

and answers each with the least processor time of a call in ms.

The networks are src/training/presets.ts's, on 32×32×3 images and on 32 characters of an alphabet of 64, 32 examples at a
time. A step of training is the loss and its gradient, without an optimizer. The first line it prints is PyTorch's version.
"""
import sys
import time

try:
    import torch
    from torch import nn
    from torch.nn import functional as F
except ImportError as missing:
    print(f"transformers.py: needs PyTorch, which is not installed here ({missing})", file=sys.stderr)
    sys.exit(3)

BATCH, WIDTH, HEADS, LENGTH, ALPHABET = 32, 64, 4, 32, 64


class Attention(nn.Module):
    def __init__(self, causal):
        super().__init__()
        self.causal = causal
        self.qkv = nn.Linear(WIDTH, 3 * WIDTH)
        self.out = nn.Linear(WIDTH, WIDTH)

    def forward(self, x):
        batch, length, _ = x.shape
        q, k, v = self.qkv(x).view(batch, length, 3, HEADS, WIDTH // HEADS).permute(2, 0, 3, 1, 4)
        scores = q @ k.transpose(-1, -2) * (WIDTH // HEADS) ** -0.5
        if self.causal:
            scores = scores.masked_fill(torch.ones(length, length, dtype=torch.bool).triu(1), float("-inf"))
        return self.out((scores.softmax(-1) @ v).transpose(1, 2).reshape(batch, length, WIDTH))


class Block(nn.Module):
    def __init__(self, causal):
        super().__init__()
        self.before_attention, self.before_dense = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.attention = Attention(causal)
        self.dense = nn.Sequential(nn.Linear(WIDTH, 4 * WIDTH), nn.GELU(), nn.Linear(4 * WIDTH, WIDTH))

    def forward(self, x):
        x = x + self.attention(self.before_attention(x))
        return x + self.dense(self.before_dense(x))


class VitTiny(nn.Module):
    def __init__(self):
        super().__init__()
        self.patches = nn.Conv2d(3, WIDTH, 4, 4)
        self.positions = nn.Parameter(torch.randn(64, WIDTH) * 0.02)
        self.blocks = nn.Sequential(*[Block(False) for _ in range(4)], nn.LayerNorm(WIDTH))
        self.output = nn.Linear(WIDTH, 10)

    def forward(self, x):
        return self.output(self.blocks(self.patches(x).flatten(2).transpose(1, 2) + self.positions).mean(1))


class CharTransformer(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(ALPHABET, WIDTH)
        self.positions = nn.Parameter(torch.randn(LENGTH, WIDTH) * 0.02)
        self.blocks = nn.Sequential(Block(True), Block(True), nn.LayerNorm(WIDTH), nn.Linear(WIDTH, ALPHABET))

    def forward(self, x):
        return self.blocks(self.table(x) + self.positions)


def tasks(model, x, labels):
    def train():
        model.zero_grad(set_to_none=True)
        logits = model(x)
        F.cross_entropy(logits.reshape(-1, logits.shape[-1]), labels.reshape(-1)).backward()

    def evaluate():
        with torch.no_grad():
            model(x)

    return {"train": train, "evaluate": evaluate}


def best(run, repeats):
    least = float("inf")
    for _ in range(repeats):
        begin = time.process_time()
        run()
        least = min(least, time.process_time() - begin)
    return 1e3 * least


if __name__ == "__main__":
    torch.set_num_threads(1)
    torch.manual_seed(1)
    text = (BATCH, LENGTH)
    networks = {
        "vit-tiny": tasks(VitTiny(), torch.rand(BATCH, 3, 32, 32), torch.randint(0, 10, (BATCH,))),
        "char-transformer": tasks(
            CharTransformer(), torch.randint(0, ALPHABET, text), torch.randint(0, ALPHABET, text)
        ),
    }
    print(torch.__version__, flush=True)
    for line in sys.stdin:
        network, task, repeats = line.split()
        print(best(networks[network][task], int(repeats)), flush=True)
