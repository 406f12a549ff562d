"""The paper's network in PyTorch, one thread: a peer for docs/training.md, and the network that tasks/training.py times.

    python3 bench/peers/pytorch.py fedavg DIRECTORY [options]   AdaDelta FedAvg on CIFAR-10 binary files, by round

Prints one JSON value. The `fedavg` experiment is the one of bench/peers/fedavg.ts: K clients with equal IID shards,
L local epochs of batch 32 with fresh AdaDelta (lr 1, rho 0.95, eps 1e-7), Glorot-uniform kernels and zero biases,
inputs in [0, 1], the mean of the updates, full precision.
"""
import argparse
import json
import sys

try:
    import numpy as np
    import torch
    from torch import nn
    from torch.nn import functional as F
except ImportError as missing:
    print(f"pytorch.py: needs NumPy and PyTorch, which are not installed here ({missing})", file=sys.stderr)
    sys.exit(3)


def network(classes=10):
    model = nn.Sequential(
        nn.Conv2d(3, 32, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(7200, 64), nn.ReLU(), nn.Linear(64, classes),
    )
    for layer in model:
        if isinstance(layer, (nn.Conv2d, nn.Linear)):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)
    return model


def adadelta(model):
    return torch.optim.Adadelta(model.parameters(), lr=1.0, rho=0.95, eps=1e-7)


def cifar(directory, names):
    raw = np.concatenate([np.fromfile(f"{directory}/{name}", np.uint8).reshape(-1, 3073) for name in names])
    images = torch.from_numpy(raw[:, 1:].reshape(-1, 3, 32, 32).astype(np.float32) / 255)
    return images, torch.from_numpy(raw[:, 0].astype(np.int64))


def fedavg(args):
    torch.manual_seed(args.seed)
    train_x, train_y = cifar(args.directory, args.train)
    test_x, test_y = cifar(args.directory, ["test_batch.bin"])
    count = min(args.examples or len(train_x), len(train_x))
    shards = torch.randperm(len(train_x))[:count].view(args.clients, -1)
    model = network()
    weights = [p.detach().clone() for p in model.parameters()]
    accuracies = []
    for _ in range(args.rounds):
        total = [torch.zeros_like(w) for w in weights]
        for shard in shards:
            with torch.no_grad():
                for p, w in zip(model.parameters(), weights):
                    p.copy_(w)
            optimizer = adadelta(model)
            for _ in range(args.epochs):
                for batch in shard[torch.randperm(len(shard))].split(32):
                    optimizer.zero_grad()
                    F.cross_entropy(model(train_x[batch]), train_y[batch]).backward()
                    optimizer.step()
            with torch.no_grad():
                for sum_, p, w in zip(total, model.parameters(), weights):
                    sum_ += (p - w) / args.clients
        with torch.no_grad():
            weights = [w + v for w, v in zip(weights, total)]
            for p, w in zip(model.parameters(), weights):
                p.copy_(w)
            correct = sum(
                (model(x).argmax(1) == y).sum().item() for x, y in zip(test_x.split(500), test_y.split(500))
            )
        accuracies.append(correct / len(test_y))
    return {"seed": args.seed, "accuracy": accuracies}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    two = commands.add_parser("fedavg")
    two.add_argument("directory")
    two.add_argument("--train", nargs="+", default=["data_batch_1.bin", "data_batch_2.bin"])
    two.add_argument("--clients", type=int, default=10)
    two.add_argument("--epochs", type=int, default=2)
    two.add_argument("--rounds", type=int, default=6)
    two.add_argument("--examples", type=int, default=0, help="of the training set, 0 = all")
    two.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    print(json.dumps(fedavg(arguments)))
