"""PyTorch, one thread: the networks of src/training/presets.ts beside the paper's, on random data.

A step is the loss and its gradient, without an optimizer; images are 32×32×3, texts 32 signs of an alphabet of 64.
"""
from . import task

WIDTH, HEADS, LENGTH, ALPHABET = 64, 4, 32, 64


def networks(torch):
    nn = torch.nn

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

    def conv(channels, filters, kernel, padding=0):
        return [nn.Conv2d(channels, filters, kernel, padding=padding), nn.ReLU()]

    pool, flat = nn.MaxPool2d(2), nn.Flatten()

    def lenet():
        return nn.Sequential(
            *conv(3, 6, 5), pool, *conv(6, 16, 5), pool, flat,
            nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10),
        )

    def vgg_small():
        return nn.Sequential(
            *conv(3, 32, 3, 1), *conv(32, 32, 3, 1), pool, *conv(32, 64, 3, 1), *conv(64, 64, 3, 1), pool, flat,
            nn.Linear(4096, 128), nn.ReLU(), nn.Linear(128, 10),
        )

    def small_cnn():
        return nn.Sequential(*conv(3, 8, 3), pool, flat, nn.Linear(1800, 32), nn.ReLU(), nn.Linear(32, 10))

    return {
        "lenet": lenet, "vgg-small": vgg_small, "small-cnn": small_cnn,
        "vit-tiny": VitTiny, "char-transformer": CharTransformer,
    }


@task
def torch_network(network, what, layout, batch):
    import torch

    torch.set_num_threads(1)
    torch.manual_seed(1)
    model = networks(torch)[network]()
    if network == "char-transformer":
        x, y = (torch.randint(0, ALPHABET, (batch, LENGTH)) for _ in range(2))
    else:
        x, y = torch.rand(batch, 3, 32, 32), torch.randint(0, 10, (batch,))
    if layout == "channels_last":
        model, x = (t.to(memory_format=torch.channels_last) for t in (model, x))

    def train():
        model.zero_grad(set_to_none=True)
        logits = model(x)
        torch.nn.functional.cross_entropy(logits.reshape(-1, logits.shape[-1]), y.reshape(-1)).backward()

    def evaluate():
        with torch.no_grad():
            model(x)

    return f"PyTorch {torch.__version__} {layout}", {"train": train, "evaluate": evaluate}[what]
