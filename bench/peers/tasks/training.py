"""PyTorch, one thread: products, convolutions, the paper's network, plain and in channels_last."""
from . import task


def torch_here():
    import torch

    torch.set_num_threads(1)
    return torch


@task
def torch_product(n):
    torch = torch_here()
    a, b, c = torch.rand(n, n), torch.rand(n, n), torch.empty(n, n)
    return f"PyTorch {torch.__version__} mm", lambda: torch.mm(a, b, out=c)


@task
def torch_convolution(side, channels, filters, layout, gradients):
    torch = torch_here()
    torch.manual_seed(1)
    x, w = torch.rand(32, channels, side, side), torch.rand(filters, channels, 3, 3)
    if layout == "channels_last":
        x, w = (t.to(memory_format=torch.channels_last) for t in (x, w))
    name = f"PyTorch {torch.__version__} {layout}"
    if not gradients:
        def forward():
            with torch.no_grad():
                torch.nn.functional.conv2d(x, w)

        return name, forward
    x.requires_grad_()
    w.requires_grad_()
    y = torch.nn.functional.conv2d(x, w)
    ones = torch.ones_like(y)
    return name, lambda: torch.autograd.grad(torch.nn.functional.conv2d(x, w), (x, w), ones)


@task
def torch_paper_network(what, layout, batch=32):
    torch = torch_here()
    from torch.nn import functional as F

    from pytorch import adadelta, network

    torch.manual_seed(1)
    model = network()
    x, y = torch.rand(batch, 3, 32, 32), torch.randint(0, 10, (batch,))
    if layout == "channels_last":
        model, x = (t.to(memory_format=torch.channels_last) for t in (model, x))
    optimizer = adadelta(model)

    def train():
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()

    def evaluate():
        with torch.no_grad():
            model(x)

    return f"PyTorch {torch.__version__} {layout}", {"train": train, "evaluate": evaluate}[what]
