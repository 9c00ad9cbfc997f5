"""The attacks of the bank: which there are, what stops each, and how to take that away."""

import ast
from dataclasses import dataclass
from pathlib import Path

BANK = Path(__file__).resolve().parent
TOPIC = "tensor_init"
HONEST = (BANK.parent.parent / "solutions" / f"{TOPIC}.py").read_bytes()
EXPOSED = ("namespaces", "landlock", "uid", "capabilities")


@dataclass(frozen=True)
class Attack:
    """One attack, and how to take away what stops it.

    `how` says where it then gains: `confined`, in a run without some layers or switches; `in text`, in a report that
    escapes nothing; or in one of the graders of naive.py.
    """

    slug: str
    without: tuple[str, ...] = ()  # layers of the confinement, and switches of a whole run
    off: tuple[str, ...] = ()  # switches
    how: str = "confined"
    task: str = "band"
    kind: str = "correctness"

    @property
    def path(self) -> Path:
        return BANK / "attacks" / f"{self.slug}.py"

    @property
    def files(self) -> dict[str, str]:
        """What it hands in beside its module; "-> topic" is a link to that topic's reference."""
        tree = ast.parse(self.path.read_text(encoding="utf-8"))
        found = [n.value for n in tree.body if isinstance(n, ast.Assign) and getattr(n.targets[0], "id", "") == "FILES"]
        return ast.literal_eval(found[0]) if found else {}

    @property
    def timed(self) -> bool:
        """Whether it is about speed checks, which take their time."""
        return self.kind == "speed"

    def source(self, cheating: bool) -> bytes:
        """The solution with the attack in place of its task; the control's cheat does nothing."""
        control = b"" if cheating else b"\n\ndef _cheat(*args, **kwargs):\n    return None\n"
        return _without_task(self.task) + b"\n\n" + self.path.read_bytes() + control

    def write(self, folder: Path, cheating: bool) -> Path:
        """What is handed in, as files in a new folder."""
        folder.mkdir()
        (folder / f"{TOPIC}.py").write_bytes(self.source(cheating))
        for name, text in self.files.items() if cheating else ():
            if text.startswith("-> "):
                (folder / name).symlink_to(BANK.parent.parent / "solutions" / f"{text[3:]}.py")
            else:
                (folder / name).write_text(text, encoding="utf-8")
        return folder


def _without_task(task: str) -> bytes:
    """The solution, and nothing that an attack could find in its own file."""
    lines = HONEST.decode().splitlines(keepends=True)
    (node,) = (n for n in ast.parse(HONEST).body if isinstance(n, ast.FunctionDef) and n.name == task)
    return "".join(lines[: node.lineno - 1] + lines[node.end_lineno :]).encode()


FILES = [
    Attack("conftest_file", how="pytest"),
    Attack("shadow_torch", how="script"),
    Attack("shadow_random", how="script"),
    Attack("site_files", how="script"),
    Attack("pth_file", how="script"),
    Attack("symlink_file", how="pytest"),
    Attack("pickle_model", how="pytest"),
]
ENDINGS = [
    Attack("exits", how="pytest"),
    Attack("exits_politely", how="script"),
    Attack("raises_base", how="pytest"),
    Attack("kills_parent", without=("landlock", "seccomp")),
]
JUDGEMENTS = [
    Attack("comparisons", how="hidden", off=("tampering",)),
    Attack("tensor_methods", how="pytest"),
    Attack("drops_asserts", how="cells"),
    Attack("doctest_runner", how="doctest"),
    Attack("always_equal", how="pytest"),
    Attack("lazy_tensor", how="pytest"),
    Attack("agreeable_object", how="pytest"),
    Attack("pickle_reply", how="pickled"),
    Attack("always_raises", off=("values",), task="from_rows"),
    Attack("not_a_number", how="pytest"),
]
ANSWERS = [
    Attack("read_disk", without=EXPOSED),
    Attack("read_tests", without=EXPOSED),
    Attack("symlinks", without=EXPOSED),
    Attack("neighbor_folder", without=EXPOSED),
    Attack("read_proc", without=EXPOSED),
    Attack("read_environ", without=("environment",)),
    Attack("read_stack", how="hidden"),
    Attack("read_modules", how="hidden"),
    Attack("read_gc", how="hidden"),
    Attack("guess_seed", off=("secret",)),
    Attack("reseeds", how="pytest"),
    Attack("edits_inputs", how="pytest", task="from_rows"),
    Attack("freed_buffer", how="after"),
]
RESULTS = [
    Attack("forge_reply", off=("nonce",)),
    Attack("forge_result", how="hidden"),
    Attack("forge_line", without=("descriptors",)),
    Attack("forge_stdout", how="pytest"),
]
RESOURCES = [
    Attack("timeout", off=("watch",)),
    Attack("debugger", how="timer"),
    Attack("fork_bomb", without=("seccomp",)),
    Attack("daemon", without=("seccomp",)),
    Attack("threads", without=("rlimits",), off=("crowd",)),
    Attack("memory", without=("rlimits",)),
    Attack("memory_map", without=("rlimits",)),
    Attack("disk_fill", without=("namespaces", "landlock")),
    Attack("endless_stdout", without=("streams",)),
]
NETWORK = [
    Attack("tcp", without=("namespaces", "landlock", "seccomp")),
    Attack("udp", without=("namespaces", "seccomp")),
    Attack("dns", without=("namespaces", "seccomp")),
    Attack("abstract_socket", without=("seccomp",)),
]
TRACES = [
    Attack("leaves_files", without=("namespaces", "landlock")),
    Attack("leaves_segment", without=("seccomp",)),
    Attack("ansi_log", how="in text"),
    Attack("markup_feedback", how="in text"),
]
ACCELERATOR = [
    Attack("probes", off=("tampering",)),
    Attack("other_thread", off=("copies",)),
]
SPEED = [
    Attack("clocks", how="hidden", off=("tampering",), kind="speed"),
    Attack("synchronize", how="timed", kind="speed"),
    Attack("cache", off=("fresh",), kind="speed"),
    Attack("cache_by_id", off=("fresh",), kind="speed"),
    Attack("answers_once", off=("verified",), kind="speed"),
    Attack("thread", off=("rest",), kind="speed"),
    Attack("late_buffer", how="timed", kind="speed"),
    Attack("lazy_outputs", how="timed", kind="speed"),
    Attack("table", off=("bill",), kind="speed"),
    Attack("warm_up", off=("bill",), kind="speed"),
]
GROUPS = (FILES, ENDINGS, JUDGEMENTS, ANSWERS, RESULTS, RESOURCES, NETWORK, TRACES, ACCELERATOR, SPEED)
ATTACKS = [attack for group in GROUPS for attack in group]
