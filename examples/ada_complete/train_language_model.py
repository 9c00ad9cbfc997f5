"""What the exercises are good for: a language model that learns to spell, built from five of the modules.

    python examples/ada_complete/train_language_model.py [--modules DIR] [--plot FILE.svg] [--rounds 24]

It reads Python's own manual (in the standard library, so nothing is downloaded), one character at a time, and learns to
predict the next one. The pieces come from the exercises: `data_loading` makes the vocabulary and the ids, `modes` the
Dropout layer, `training_loop` trains and evaluates, `teacher_forcing` makes inputs and lets the model write, `no_grad`
keeps an average of the weights, which predicts better than the weights themselves. `--modules` names a folder with these
five modules, for example `exercises`, once yours are done; without it they come from the folder of this script.

With no training the model spreads its guesses over all characters: ln(V) nats each. Letter frequencies alone would be worth
about 3 nats, and pairs of letters 2.5. See how far it comes in a minute.
"""

import argparse
import copy
import importlib
import math
import pydoc_data.topics
import re
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import torch
from torch import Tensor, nn

TOPICS = ("data_loading", "modes", "no_grad", "teacher_forcing", "training_loop")
SPACE = "␣"  # build_vocab splits at spaces, so a space that is to be learnt needs another sign
BATCH, LENGTH = 32, 64
PROMPTS = ("The function ", "A class ", "If the ")


def spelt(text: str) -> str:
    """The characters of a text as words: "a cat" becomes "a ␣ c a t"."""
    return " ".join(" ".join(text.split()).replace(" ", SPACE))


def written(ids: list[int], vocab: dict[str, int]) -> str:
    """The text behind ids."""
    characters = {number: token for token, number in vocab.items()}
    return "".join(characters[number] for number in ids).replace(SPACE, " ")


def prose() -> list[str]:
    """The documents of Python's manual, without listings and grammar."""
    documents = pydoc_data.topics.topics.values()
    paragraphs = [re.split(r"\n\s*\n", document) for document in documents]
    return [" ".join(p for p in some if "::" not in p and not re.search(r"[|=>*]{2}|^ {5}", p)) for some in paragraphs]


class Speller(nn.Module):
    """A GRU over characters: ids (B, T) and a state to logits (B, T, V) and the state behind them."""

    def __init__(self, characters: int, dim: int, dropout: nn.Module) -> None:
        super().__init__()
        self.embedding = nn.Embedding(characters, dim)
        self.gru = nn.GRU(dim, dim, batch_first=True)
        self.dropout = dropout
        self.head = nn.Linear(dim, characters)

    def forward(self, ids: Tensor, state: Tensor | None = None) -> tuple[Tensor, Tensor]:
        outputs, state = self.gru(self.embedding(ids), state)
        return self.head(self.dropout(outputs)), state


class NextCharacter(nn.Module):
    """The same model as a classifier of single characters: (B, T) to logits (B·T, V)."""

    def __init__(self, speller: Speller) -> None:
        super().__init__()
        self.speller = speller

    def forward(self, ids: Tensor) -> Tensor:
        return self.speller(ids)[0].flatten(0, 1)


class Windows:
    """A loader of (inputs (B, T), targets (B·T,)): random windows of a long text, new ones in each pass."""

    def __init__(self, ids: Tensor, batches: int, seed: int) -> None:
        self.ids, self.batches = ids, batches
        self.generator = torch.Generator().manual_seed(seed)

    def __iter__(self):
        for _ in range(self.batches):
            starts = torch.randint(len(self.ids) - LENGTH, (BATCH,), generator=self.generator)
            windows = torch.stack([self.ids[start : start + LENGTH + 1] for start in starts])
            yield windows[:, :-1], windows[:, 1:].flatten()


def modules_of(folder: Path) -> SimpleNamespace:
    """The five modules of a folder."""
    sys.path.insert(0, str(folder))
    return SimpleNamespace(**{topic: importlib.import_module(topic) for topic in TOPICS})


def read(topics: SimpleNamespace) -> tuple[dict[str, int], Tensor, Tensor]:
    """The vocabulary, and the ids of the text to learn from and of the text held out."""
    documents = [spelt(document) for document in prose()]
    vocab = topics.data_loading.build_vocab(documents, max_size=64)
    ids = [torch.tensor(topics.data_loading.encode(document, vocab)) for document in documents]
    return vocab, torch.cat(ids[:-8]), torch.cat(ids[-8:])


def write(topics: SimpleNamespace, model: Speller, vocab: dict[str, int], prompt: str, count: int = 60) -> str:
    """What the model writes after a prompt, always taking the likeliest character."""
    start = torch.tensor([topics.data_loading.encode(spelt(prompt) + f" {SPACE}", vocab)[:-1]])
    ids = topics.teacher_forcing.greedy_decode(model, start, count, vocab["<eos>"], vocab["<pad>"])
    return written(ids[0, 1:].tolist(), vocab)


def learn(topics: SimpleNamespace, rounds: int, batches: int = 20) -> dict[str, list[float]]:
    """Train, and print what there is to see; returns the losses of every round in nats per character."""
    torch.manual_seed(0)
    vocab, text, held_out = read(topics)
    model = Speller(len(vocab), 192, topics.modes.Dropout(0.1))
    average = copy.deepcopy(model)
    optimizer = torch.optim.AdamW(model.parameters(), lr=4e-3)
    loader, examined = Windows(text, batches, seed=1), list(Windows(held_out, 8, seed=2))
    losses: dict[str, list[float]] = {"learning": [], "held out": []}
    print(
        f"{len(text):,} characters to learn from, {len(vocab)} different ones; knowing nothing costs {math.log(len(vocab)):.2f}"
    )
    for number in range(rounds + 1):
        held, right = topics.training_loop.evaluate(
            NextCharacter(average), examined, nn.functional.cross_entropy, "cpu"
        )
        losses["held out"].append(held)
        if number % 5 == 0 or number == rounds:
            told = write(topics, average.eval(), vocab, PROMPTS[number // 5 % len(PROMPTS)].strip())
            print(f"{number:4}  {held:.3f} nats  {right:4.0%} right  {told!r}", flush=True)
        if number == rounds:
            return losses
        losses["learning"] += topics.training_loop.train(
            NextCharacter(model), loader, optimizer, nn.functional.cross_entropy, 1, "cpu", max_norm=1.0
        )
        topics.no_grad.ema_update(average, model, decay=min(0.7, number / 10))
    raise AssertionError("the loop returns")


def plot(losses: dict[str, list[float]], path: Path) -> None:
    """The losses as an SVG."""
    import matplotlib

    matplotlib.use("svg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
    for name, values in losses.items():
        axes.plot(range(1 - len(values) + len(losses["learning"]), len(losses["learning"]) + 1), values, label=name)
    axes.set(
        xlabel="rounds of 20 batches of 32 × 64 characters",
        ylabel="nats per character",
        title="Learning to spell",
        ylim=(0, None),
    )
    axes.legend()
    axes.grid(alpha=0.3)
    figure.savefig(path, metadata={"Date": None})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--modules", type=Path, default=Path(__file__).resolve().parent)
    parser.add_argument("--plot", type=Path, help="an SVG to write; needs matplotlib")
    parser.add_argument("--rounds", type=int, default=24)
    options = parser.parse_args()
    start = time.monotonic()
    losses = learn(modules_of(options.modules), options.rounds)
    first, last = losses["held out"][0], losses["held out"][-1]
    print(
        f"held-out loss {first:.2f} to {last:.2f}, a factor of {first / last:.2f}, in {time.monotonic() - start:.0f} s"
    )
    if options.plot:
        plot(losses, options.plot)


if __name__ == "__main__":
    main()
