"""Judgements about data_loading: everything is computed here a second time, token by token and sample by sample."""

from typing import Any

import torch
from hidden.data_loading_batches import MARKS, samples_of
from hidden.data_loading_errors import LOST, NO_IDS, NO_SAMPLES, NO_TEXTS, REBUILT, STACKED, WALKED, refused
from hidden.data_loading_judging import (
    batches_are_right,
    both_ways,
    bucketed,
    ids_are_right,
    moves,
    samples_are_right,
    vocabularies_are_right,
)
from hidden.data_loading_nested import batches, count, kept_where_they_are, right_batch
from hidden.data_loading_orders import (
    ELSEWHERE,
    GLOBAL,
    agree,
    buckets_of,
    content_of,
    differ,
    either_way,
    ends_anywhere,
    forms_of,
    is_loader,
    orders_of,
    pass_of,
    ranked,
    short_anywhere,
    shuffled,
    some_samples,
    wholly_shuffled,
)
from hidden.data_loading_samples import BLANK, different_texts, holds, long_text, some_labels, spelled, table_of, told
from hidden.data_loading_texts import FOREIGN, SPECIALS, corpus, counted, dressed, some_vocabulary

from grader.checks import correctness, gpu, speed
from grader.judge import exactly, expect, knowing, sequence, stays_on_device, tensor

# build_vocab


@correctness("build_vocab", points=0.6, hint="Count text.lower().split(), and sort by (-count, token).")
def test_build_vocab_order(student, fresh):
    texts = [corpus(fresh) for _ in range(4)]
    calls = [(one, form, {}) for one, form in zip(texts, ("list", "tuple", "generator", "list"), strict=True)]
    ties = [dressed(fresh, fresh.python.sample(["b", "a", "C", "ab", "aa", "ba", "大海", "海", "Z", "10", "9"], 11))]
    calls += [(ties, "list", {}), (["", "  "], "list", {}), ([], "generator", {}), (["one"], "tuple", {})]
    crowd = [" ".join(f"t{fresh.integer(0, 9999)}" for _ in range(2000)) for _ in range(4)]
    calls.append((crowd, "list", {}))
    vocabularies_are_right(student, calls)


@correctness("build_vocab", points=0.4, hint="Room for tokens is max(0, max_size - len(specials)); None is no limit.")
def test_build_vocab_max_size(student, fresh):
    texts = corpus(fresh)
    every = len(SPECIALS) + len(counted(texts))
    sizes = [None, every - 1, every, every + 1, fresh.integer(6, 12), fresh.integer(13, 20), 5, 4, 3, 1, 0]
    calls = [(texts, fresh.choice(("list", "generator")), {"max_size": size}) for size in sizes]
    calls += [(texts, form, {"max_size": every - 1}) for form in ("list", "generator")]
    vocabularies_are_right(student, calls)


@correctness("build_vocab", points=0.4, hint="Leave specials out of what is counted; they have their ids already.")
def test_build_vocab_specials(student, fresh):
    own = fresh.python.sample(["<s>", "</s>", "<mask>", "<unk>", "<pad>"], 3)
    texts = corpus(fresh)
    named = [*own, own[0], own[1].upper(), own[0], *SPECIALS, SPECIALS[0]]
    texts += [dressed(fresh, named), *[" ".join(named)] * 3]
    calls: list[Any] = []
    for specials in (SPECIALS, tuple(own), tuple(reversed(SPECIALS)), own, ("<pad>",), ("the", "a"), ()):
        room = len(specials) + fresh.integer(3, 9)
        calls += [(texts, "list", {"specials": specials, **more}) for more in ({}, {"max_size": room})]
    calls += [(texts, "generator", {"specials": (), "max_size": 4}), (texts, "list", {"specials": own, "max_size": 2})]
    vocabularies_are_right(student, calls)


# encode


@correctness("encode", points=0.6, hint="[vocab['<bos>'], …, vocab['<eos>']], and vocab.get(token, vocab['<unk>']).")
def test_encode_texts(student, fresh):
    for _ in range(3):
        texts = corpus(fresh, 5)
        vocab = some_vocabulary(fresh, texts)
        ids_are_right(student, [(text, vocab) for text in texts])


@correctness("encode", points=0.4, hint="An empty text is <bos>, <eos>; specials in a text are tokens like others.")
def test_encode_edges(student, fresh):
    vocab = some_vocabulary(fresh, corpus(fresh, 5))
    words = ["film", *fresh.python.sample(SPECIALS, 4), "good", "straße"]
    zero = {token: number for number, token in enumerate(words)}
    bare = dict(zip(SPECIALS, fresh.python.sample(range(50), 4), strict=True))
    texts = [
        "",
        " \t\n",
        "film",
        "FILM good film",
        "<pad> <UNK> good <bos>",
        "<eos>",
        "no such token here",
        "<s> <pad>",
        "Straße",
        "good\xa0film \t\u3000 film",
        "film, (good) 'film' good-film film.",
    ]
    texts.append(" ".join(fresh.choice(("film", "GOOD", "unheard")) for _ in range(700)))
    ids_are_right(student, [(text, known) for known in (vocab, zero, bare) for text in texts])


# TextDataset


@correctness("TextDataset", points=0.7, hint="__len__ and __getitem__: torch.tensor of the ids, and the label.")
def test_text_dataset_samples(student, fresh):
    def judgement(stand_in: Any) -> None:
        whole, earlier = different_texts(fresh, fresh.integer(5, 8)), None
        sizes, forms = (len(whole), fresh.integer(2, 4), 1, 0), (list, tuple, list, tuple)
        for number, form in zip(sizes, forms, strict=True):  # the same texts again, with another vocabulary
            texts = [*whole, *BLANK, spelled(fresh), long_text(fresh)] if earlier is None else whole[:number]
            fresh.python.shuffle(texts)
            texts += [] if earlier else texts[:2]  # with other labels
            vocab, labels = some_vocabulary(fresh, texts or FOREIGN), some_labels(fresh, len(texts))
            if earlier is None:
                texts, labels = [*texts, texts[0]], [*labels, labels[0]]
            table = table_of(fresh, texts, vocab) if stand_in else None
            with knowing({} if texts else NO_TEXTS):
                samples_are_right(student, form(texts), form(labels), vocab, table, earlier=earlier)
            earlier = earlier or vocab

    either_way(student, judgement, "encode")


@correctness("TextDataset", points=0.3, hint="Compare len(texts) with len(labels) in __init__.")
def test_text_dataset_refuses_different_lengths(student, fresh):
    def judgement(stand_in: Any) -> None:
        texts = different_texts(fresh, fresh.integer(3, 6))
        vocab, labels = some_vocabulary(fresh, texts), fresh.python.sample(range(300), len(texts))
        table = table_of(fresh, texts, vocab) if stand_in else None
        samples_are_right(student, texts, labels, vocab, table, 1)
        naming = ("text", "label")
        for some, others in [
            (texts, labels[1:]),
            (texts[1:], labels),
            (texts, []),
            ([], labels),
            (texts, [*labels, 0]),
        ]:
            refused(student, "dataset", some, others, vocab, table, 0, naming=naming)

    either_way(student, judgement, "encode")


@correctness("TextDataset", points=0.4, hint="Keep plain values in the dataset: no lambda, generator or open file.")
def test_text_dataset_can_be_sent_to_a_worker(student, fresh):
    def judgement(stand_in: Any) -> None:
        texts = different_texts(fresh, fresh.integer(3, 6))
        vocab, labels = some_vocabulary(fresh, texts), fresh.python.sample(range(300), len(texts))
        table = table_of(fresh, texts, vocab) if stand_in else None
        sent = student.probe("pickled_dataset", texts, labels, vocab, table)
        data, why = sent["dataset"].get("bytes"), sent["dataset"].get("refused")
        wrong = "something in the dataset can't be pickled: a lambda, a local function, a generator or a file"
        expect(isinstance(data, bytes), f"the dataset can't be pickled: {str(why)[:200]}", wrong)
        student.restart()
        with knowing(LOST):
            length, samples = sequence(student.probe("unpickled_dataset", data, len(texts), table), 2)
        expect(length == len(texts), "len() of the unpickled dataset is another", "the dataset loses its content")
        holds(samples, labels, told(texts, sent["own"], vocab))

    either_way(student, judgement, "encode")


# collate


@correctness(
    "collate", points=0.7, hint="pad_sequence(batch_first=True, padding_value=pad_id); lengths before padding."
)
def test_collate_batches(student, fresh):
    calls: list[Any] = []
    for number in (fresh.integer(3, 5), fresh.integer(6, 9), 2, fresh.integer(3, 5)):
        longest = fresh.integer(10, 14)
        lengths = [*fresh.sizes(number - 1, 1, 9), longest]
        fresh.python.shuffle(lengths)
        pad_id = fresh.integer(1, 5000)
        samples = samples_of(fresh, lengths, pad_id)
        calls += [(samples, pad_id, False), (tuple(samples), 0, True), (samples, -fresh.integer(1, 100), True)]
    first, last = samples_of(fresh, [3, 5], 0)  # in neither order of length
    calls.append(([first, (fresh.integers(1, 5000, fresh.integer(590, 610)), 1), last], 0, False))
    rows = [row for row, _ in samples_of(fresh, fresh.sizes(4), 0)]
    calls += [([*zip(rows, labels, strict=True)], 0, False) for labels in ((1, 0, 0, 1), (2, -1, 3, -1))]
    batches_are_right(student, calls)


@correctness("collate", points=0.4, hint="The mask compares positions with lengths; T may be 0, and B may be 1.")
def test_collate_edges(student, fresh):
    same, pad_id = fresh.integer(2, 5), fresh.integer(1, 5000)
    full = [[same] * 3, [fresh.integer(6, 9)], [1], [5, 5], [1, 1, 4], [4] * 4]
    bare = [[0], [0, 0, 0], [0, 3, 0, 1], [2, 0]]
    calls, without = ([(samples_of(fresh, one, pad_id), pad_id, False) for one in lengths] for lengths in (full, bare))
    rows = [torch.full((length,), pad_id) for length in (3, 1, 4)]
    calls.append(([(row, label) for label, row in enumerate(rows)], pad_id, True))
    base = 2 * fresh.integers(-(2**60), 2**60, 2, 12) + 1
    views = [base[0, ::2], base[1, 3:5], base[0].flip(0), base[1, :1].expand(4)]
    calls.append(([(row, 2**53 + 2 * label + 1) for label, row in enumerate(views)], 2**53 - pad_id, True))
    marks = [fresh.python.sample([*MARKS, pad_id - 1, pad_id + 1, -pad_id, ~pad_id], size) for size in (10, 3)]
    calls.append(([(torch.tensor(row), label) for label, row in enumerate(marks)], pad_id, False))
    batches_are_right(student, calls)
    with knowing(NO_IDS):
        batches_are_right(student, without)


NAMING = ("sample", "batch", "empty", "no ", "nothing", "list", "at least")


@correctness("collate", points=0.2, hint="Raise ValueError before anything else when there are no samples.")
def test_collate_refuses_no_samples(student, fresh):
    pad_id = fresh.integer(1, 99)
    a, b, c, d = sorted(fresh.sizes(4))
    batches_are_right(student, [(samples_of(fresh, [b, d, a, c], pad_id), pad_id, False)])
    for empty in ([], ()):
        refused(
            student,
            "call",
            "collate",
            empty,
            pad_id,
            naming=NAMING,
        )


@speed("collate", points=0.5, hint="No Python loop over single ids: copy whole rows, or let pad_sequence do it.")
def test_collate_speed(race, fresh):
    def unit():
        made = []
        for number in fresh.python.sample(range(24, 40), 12):
            lengths = [fresh.integer(24, 56) for _ in range(number)]
            labels = fresh.integers(0, 9, number).tolist()
            made.append((fresh.integers(1, 9999, sum(lengths)), lengths, labels, fresh.integer(0, 99)))
        return (made,)

    def verify(value, reference):
        for own, other in zip(sequence(value, len(reference)), reference, strict=True):
            for seen, right in zip(sequence(own, 4, "a batch"), other, strict=True):
                exactly(seen, tensor(right).data, what="a batch")

    race("collated_many", unit, verify, limit=4.5)


# make_loader


@correctness("make_loader", points=0.6, hint="DataLoader(dataset, batch_size, collate_fn=partial(collate, pad_id=…)).")
def test_make_loader_batches(student, fresh):
    def judgement(stand_in: Any) -> None:
        size = fresh.integer(3, 5)
        for number in (2 * size + fresh.integer(1, size - 1), size, 1, 0):
            pad_id = fresh.integer(1, 5000)
            samples = some_samples(fresh, number, pad_id)
            calls: list[Any] = [
                ((size, pad_id), {}, 0),
                ((), {"batch_size": size, "pad_id": pad_id, "shuffle": False, "seed": fresh.integer(0, 99)}, 0),
                ((1, 0, True, 3, 0), {}, 0),
            ][: 3 if samples else 2]
            seeds = [fresh.integer(0, 2**31) for _ in range(3)]
            with knowing({} if samples else NO_SAMPLES):
                seen = student.probe("delivered", content_of(samples), calls, 2, seeds, bool(stand_in))
            for (args, options, _), one in zip(calls, seen, strict=True):
                is_loader(one)
                given = options or dict(zip(("batch_size", "pad_id", "shuffle"), args, strict=False))
                for batches_ in sequence(one["passes"]):
                    order = pass_of(batches_, samples, given["batch_size"], given["pad_id"])
                    wrong = "shuffled without being asked"
                    expect(given.get("shuffle", False) or order == sorted(order), "the order is another", wrong)

    with knowing({**STACKED, **WALKED}):
        either_way(student, judgement, "collate")


@correctness("make_loader", points=0.6, hint="generator=torch.Generator().manual_seed(seed), a new one in each call.")
def test_make_loader_order_follows_the_seed(student, fresh):
    def judgement(stand_in: Any) -> None:
        size, pad_id, number = 3, fresh.integer(1, 99), 31  # three: a buffer of a few batches is small then
        samples = some_samples(fresh, number, pad_id)
        replace, seed = bool(stand_in), fresh.integer(1, 2**30)
        by_name = {"shuffle": True, "seed": seed}
        calls: list[Any] = [((size, pad_id, True, seed), {}, 0), ((size, pad_id), by_name, 0)]
        passes = agree(student, samples, calls, fresh, replace, GLOBAL)
        for order in passes:
            shuffled(order, "the order", "only batches change places")
        firsts = [passes[0]]
        calls = [((size, pad_id, True), {}, 0), ((size, pad_id, True, 0), {}, 0)]
        firsts.append(agree(student, samples, calls, fresh, replace, "the default of seed is not 0, or no seed")[0])
        others = [seed + far for far in (1, 100, 1000, 2**8, 2**16, 2**31 - 1)]  # of seed * 1000 torch keeps 32 bits
        calls = [((size, pad_id, True, other), {}, 0) for other in others]
        seen = student.probe("delivered", content_of(samples), calls, 1, [fresh.integer(0, 2**31)], replace)
        firsts += [pass_of(one["passes"][0], samples, size, pad_id) for one in seen]
        differ(firsts, "the order")
        mixed = any(set(order[:size]) != set(range(size)) for order in firsts)
        expect(mixed, "the first batch is always the same", "hardly shuffled: within the batches only")
        wholly_shuffled(firsts, number % size)

    with knowing({**STACKED, **WALKED}):
        either_way(student, judgement, "collate")


@correctness(
    "make_loader", points=0.6, hint="functools.partial(collate, pad_id=pad_id) can be pickled, a lambda can't."
)
def test_make_loader_runs_with_workers(student, fresh):
    def judgement(stand_in: Any) -> None:
        size, pad_id, seed, replace = fresh.integer(2, 4), fresh.integer(1, 99), fresh.integer(1, 2**31), bool(stand_in)
        samples = some_samples(fresh, 11, pad_id)
        calls: list[Any] = [((size, pad_id, True, seed), {"num_workers": workers}, workers) for workers in (0, 2, 1)]
        otherwise = "the order depends on num_workers, or on the global seed"
        passes = agree(student, samples, calls, fresh, replace, otherwise)
        args = (size, pad_id, True, seed)
        sent = student.probe("pickled_loader", content_of(samples), args, {"num_workers": 2}, replace)
        is_loader(sent, 2)
        for name, part in sent["parts"].items():
            wrong = f"{name} can't be pickled: a lambda, or a function in a function"
            expect("bytes" in part, f"{name} can't be pickled: {str(part.get('refused'))[:200]}", wrong)
        expect("bytes" in sent["whole"], "what workers are handed can't be pickled")
        student.restart()
        made = student.probe("worked", sent["whole"]["bytes"], sent["indices"], replace)
        pass_of(made, samples, size, pad_id)
        again = orders_of(student, samples, calls[:1], [fresh.integer(0, 2**31)], replace)
        expect(again == [passes], "in another process one seed gives another order", ELSEWHERE)

    with knowing({**STACKED, **WALKED}):
        either_way(student, judgement, "collate")


# length_buckets


@correctness("length_buckets", points=0.5, hint="Sort the indices by length, then cut the order into batches.")
def test_length_buckets_batches(student, fresh):
    distinct, several = fresh.python.sample(range(1, 500), 40), [fresh.integer(1, 6) for _ in range(37)]
    cases = [(distinct, fresh.integer(3, 5)), (several, fresh.integer(3, 5)), ([7] * 10, 4), ([], 3), ([5], 1)]
    cases += [([5], 4), ([3, 1, 2], 3), ([2, 9, 4], 8), (distinct[:20], 1), (several, 37), (several, 36)]
    cases += [(several[:12], 4), ([0, 3, 0, 1, 0], 2), (distinct[:9], 2)]
    calls: list[Any] = []
    for lengths, batch_size in cases:
        for form in [lengths, fresh.choice(forms_of(lengths)[1:])]:
            by_name = {"lengths": form, "batch_size": batch_size, "seed": fresh.integer(0, 2**31)}
            args = ((form, batch_size), {}) if fresh.integer(0, 1) else ((), by_name)
            calls.append((*args, fresh.integer(0, 2**31)))
    many = fresh.integers(1, 9999, fresh.integer(1030, 1090)).tolist()  # more than 100 batches, than 1000 samples
    calls.append(((many, fresh.integer(4, 5), fresh.integer(0, 2**31)), {}, 0))
    bucketed(student, calls)


@correctness("length_buckets", points=0.4, hint="random.Random(seed).shuffle(batches), or your own torch.Generator.")
def test_length_buckets_order_follows_the_seed(student, fresh):
    size, seed = fresh.integer(3, 5), fresh.integer(1, 2**30)
    seeds = [0, *(seed + far for far in (0, 1, 100, 1000, 2**16, 2**31 - 1, 2**31))]
    lengths = fresh.python.sample(range(1, 9999), size * fresh.integer(30, 35) + fresh.integer(1, size - 1))
    calls: list[Any] = [((lengths, size, seed), {}, fresh.integer(0, 2**31)) for seed in seeds for _ in range(2)]
    by_name = {"lengths": torch.tensor(lengths), "batch_size": size, "seed": seeds[1]}
    calls += [((lengths, size), {}, fresh.integer(0, 2**31)), ((), by_name, 1), ((), by_name, 2)]
    turned: list[Any] = [((lengths[::-1], size, some), {}, 0) for some in seeds[:2]]
    results = bucketed(student, [*calls, *turned])[: len(calls)]
    ranks = [ranked(buckets, lengths) for buckets in results]
    for order in ranks:
        shuffled(order, "the order of the batches")
    pairs = [*zip(results[0:16:2], results[1:16:2], strict=True), results[-2:]]
    expect(all(one == other for one, other in pairs), "one seed gives different batches", GLOBAL)
    expect(results[16] == results[0], "without a seed the result is another than for 0", "the default of seed is not 0")
    differ(ranks[0:16:2], "the order of the batches")
    short_anywhere(results[0:16:2], size)
    ends_anywhere(ranks[0:16:2])
    student.restart()
    again = bucketed(student, calls[:2])
    expect(again == results[:2], "in another process one seed gives another order", ELSEWHERE)


@speed("length_buckets", points=0.5, hint="Sort once, N log N: don't search the rest for every sample.")
def test_length_buckets_speed(race, fresh):
    def unit():
        calls = []
        for _ in range(12):
            lengths = fresh.integers(1, 999, fresh.integer(900, 1000)).tolist()
            calls.append((lengths, fresh.integer(8, 16), fresh.integer(0, 2**31)))
        unit.calls = calls
        return (calls,)

    def verify(value, reference):
        for (lengths, batch_size, _), reply in zip(unit.calls, sequence(value, len(reference)), strict=True):
            sizes, flat = sequence(reply, 2)
            split = tensor(flat).data.split(tensor(sizes).data.tolist())
            buckets_of([bucket.tolist() for bucket in split], lengths, batch_size)

    race("bucketed_many", unit, verify, limit=4.5)


# to_device


@correctness("to_device", points=0.4, hint="Rebuild dicts, lists, tuples and named tuples; return the rest as it is.")
def test_to_device_structure(student, device, fresh):
    moves(student, [(*pair, fresh.choice((True, False))) for pair in both_ways(fresh, device, "other")], device)
    back = [(spec, torch.device("cpu"), False) for spec in batches(fresh, ("here", "there", "other"))]
    moves(student, back, device)


@correctness("to_device", points=0.3, hint="tensor.to(device) returns the tensor itself where it is there already.")
def test_to_device_copies_nothing_needlessly(student, device, fresh):
    calls = [(spec, str(place), False) for spec, place in both_ways(fresh, device)]
    for seen, (spec, place, _) in zip(moves(student, calls, device), calls, strict=True):
        kept_where_they_are(seen, spec, device, place)


@gpu("to_device", points=0.5, hint="One .to(device) for each tensor that is not there, and nothing else.")
def test_to_device_on_device(student, device, fresh):
    for spec in batches(fresh, ("here", "there")):
        with knowing(REBUILT):
            seen, trace = student.traced_probe("traced_batch", spec, device, device)
        right_batch(seen, spec, device, device)
        kept_where_they_are(seen, spec, device, device)
        stays_on_device(trace, to_device=count(spec, "here"))
