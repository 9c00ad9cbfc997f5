import functools
import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader, Dataset
Sample = tuple[Tensor, int]

def _tokens(text: str) -> list[str]:
    return text.lower().split()

def build_vocab(texts: Iterable[str], max_size: int | None=None, specials: Sequence[str]=('<pad>', '<unk>', '<bos>', '<eos>')) -> dict[str, int]:
    counts = Counter((token for text in texts for token in _tokens(text)))
    found = sorted(counts.keys() - set(specials), key=lambda token: (-counts[token], token))
    room = len(found) if max_size is None else max(0, max_size - len(specials))
    return {token: number for number, token in enumerate([*specials, *found[:room]])}

def _encode(text: str, vocab: Mapping[str, int]) -> list[int]:
    ids = [vocab.get(token, vocab['<unk>']) for token in _tokens(text)]
    return [vocab['<bos>'], *ids, vocab['<eos>']]

def encode(text: str, vocab: Mapping[str, int]) -> list[int]:
    return _encode(text, vocab)

class TextDataset(Dataset[Sample]):

    def __init__(self, texts: Sequence[str], labels: Sequence[int], vocab: Mapping[str, int]) -> None:
        if len(texts) != len(labels):
            raise ValueError(f'there are {len(texts)} texts, but {len(labels)} labels')
        self.texts, self.labels, self.vocab = (texts, labels, vocab)

    def __len__(self) -> int:
        return len(self.texts)

    def __getitem__(self, index: int) -> Sample:
        return (torch.tensor(_encode(self.texts[index], self.vocab)), self.labels[index])

def _collate(samples: Sequence[Sample], pad_id: int) -> dict[str, Tensor]:
    if not samples:
        raise ValueError('samples is empty: there is nothing to make a batch of')
    rows, labels = zip(*samples, strict=True)
    lengths = torch.tensor([len(row) for row in rows])
    input_ids = pad_sequence(rows, batch_first=True, padding_value=pad_id)
    return {'input_ids': input_ids, 'attention_mask': torch.arange(input_ids.size(1)) < lengths[:, None], 'lengths': lengths, 'labels': torch.tensor(labels)}

def collate(samples: Sequence[Sample], pad_id: int) -> dict[str, Tensor]:
    return _collate(samples, pad_id)

def make_loader(dataset: Dataset[Sample], batch_size: int, pad_id: int, shuffle: bool=False, seed: int=0, num_workers: int=0) -> DataLoader[Sample]:
    return DataLoader(dataset, batch_size=batch_size, shuffle=shuffle, num_workers=num_workers, collate_fn=functools.partial(_collate, pad_id=pad_id), generator=torch.Generator().manual_seed(seed))

def length_buckets(lengths: Sequence[int] | Tensor, batch_size: int, seed: int=0) -> list[list[int]]:
    sizes = lengths.tolist() if isinstance(lengths, Tensor) else lengths
    order = sorted(range(len(sizes)), key=sizes.__getitem__)
    batches = [order[start:start + batch_size] for start in range(0, len(order), batch_size)]
    random.Random(seed).shuffle(batches)
    return batches

def to_device(batch: Any, device: torch.device | str) -> Any:
    if isinstance(batch, Tensor):
        return batch.to(device)
    if isinstance(batch, dict):
        return {key: to_device(value, device) for key, value in batch.items()}
    if isinstance(batch, tuple) and hasattr(batch, '_fields'):
        return type(batch)(*(to_device(value, device) for value in batch))
    if isinstance(batch, (list, tuple)):
        return type(batch)([to_device(value, device) for value in batch])
    return batch
