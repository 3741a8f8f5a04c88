"""A tool in Python, built by a toolchain that knows nothing of Bailiwick: files with the standard library's own functions."""

import csv
import os
import shutil
import sqlite3
from pathlib import Path

from componentize_py_types import Err
from wit_world import WitWorld as World
from wit_world.imports.paths import Readable


def expect(what, seen, wanted):
    if seen != wanted:
        raise AssertionError(f"{what}: expected {wanted!r}, saw {seen!r}")


def refused(what, attempt):
    """An attempt must end as an ordinary error of the operating system."""
    try:
        seen = attempt()
    except OSError:
        return
    raise AssertionError(f"{what}: expected an OSError, saw {seen!r}")


def text(folder):
    file = folder / "a note.txt"
    expect("write_text", file.write_text("one\ntwo\n", encoding="utf-8"), 8)
    expect("read_text", file.read_text(encoding="utf-8"), "one\ntwo\n")
    file.write_text("three\n", encoding="utf-8")
    expect("read_text of less", file.read_text(encoding="utf-8"), "three\n")
    with file.open("a", encoding="utf-8") as end:
        end.write("four\n")
    expect("read_text after append", file.read_text(encoding="utf-8"), "three\nfour\n")
    refused("open with x of what exists", lambda: file.open("x"))
    refused("read_text of what is missing", (folder / "missing").read_text)


def position(folder):
    file = folder / "numbers.bin"
    with file.open("w+b") as both:
        both.write(bytes(range(256)))
        both.seek(16)
        expect("read at 16", both.read(4), bytes([16, 17, 18, 19]))
        both.seek(16)
        both.write(b"here")
        both.truncate(20)
        expect("seek to the end", both.seek(0, os.SEEK_END), 20)
    expect("read_bytes", file.read_bytes(), bytes(range(16)) + b"here")


def status(folder):
    file = folder / "five"
    file.write_bytes(b"12345")
    facts = file.stat()
    expect("st_size", facts.st_size, 5)
    expect("is_file", (file.is_file(), file.is_dir(), file.exists()), (True, False, True))
    expect("is_dir", (folder.is_file(), folder.is_dir()), (False, True))
    expect("st_mtime is of this century", facts.st_mtime > 946_684_800, True)
    os.utime(file, (1_000_000_000, 1_000_000_000))
    expect("st_mtime after utime", file.stat().st_mtime, 1_000_000_000)
    refused("stat of what is missing", (folder / "missing").stat)


def names(folder):
    (folder / "deep" / "er").mkdir(parents=True)
    refused("mkdir of what exists", (folder / "deep").mkdir)
    (folder / "deep").mkdir(exist_ok=True)
    for name in ["b.txt", "a.txt", "c.md", "er/ä.txt", "er/two words.txt"]:
        (folder / "deep" / name).write_text(name)
    deep = folder / "deep"
    expect("iterdir", sorted(path.name for path in deep.iterdir()), ["a.txt", "b.txt", "c.md", "er"])
    expect("glob", sorted(path.name for path in deep.glob("*.txt")), ["a.txt", "b.txt"])
    below = sorted(str(path.relative_to(deep)) for path in deep.glob("**/*.txt"))
    expect("glob with **", below, ["a.txt", "b.txt", "er/two words.txt", "er/ä.txt"])
    walked = [(len(folders), len(files)) for _, folders, files in os.walk(deep)]
    expect("os.walk", walked, [(1, 3), (0, 2)])


def moves(folder):
    one, two = folder / "one", folder / "two"
    one.write_text("1")
    expect("rename", one.rename(two), two)
    expect("rename took it away", one.exists(), False)
    one.write_text("new")
    one.replace(two)
    expect("replace", two.read_text(), "new")
    (folder / "from").mkdir()
    (folder / "from" / "inner").write_text("kept")
    (folder / "from").rename(folder / "to")
    expect("rename of a directory", (folder / "to" / "inner").read_text(), "kept")
    refused("rmdir of what is not empty", (folder / "to").rmdir)
    (folder / "to" / "inner").unlink()
    (folder / "to").rmdir()
    expect("rmdir", (folder / "to").exists(), False)
    refused("unlink of what is missing", one.unlink)


def database(folder, mode):
    path = folder / f"{mode.lower()}.db"
    base = sqlite3.connect(path)
    expect("journal_mode", base.execute(f"PRAGMA journal_mode={mode}").fetchone(), (mode.lower(),))
    base.execute("CREATE TABLE tea (name TEXT PRIMARY KEY, cents INTEGER)")
    base.executemany("INSERT INTO tea VALUES (?, ?)", [(f"tea {n}", n) for n in range(1000)])
    base.commit()
    base.execute("DELETE FROM tea")
    base.rollback()
    expect("count after rollback", base.execute("SELECT count(*) FROM tea").fetchone(), (1000,))
    base.close()
    base = sqlite3.connect(path)
    expect("sum after reopen", base.execute("SELECT sum(cents) FROM tea").fetchone(), (499_500,))
    expect("integrity_check", base.execute("PRAGMA integrity_check").fetchone(), ("ok",))
    base.close()
    left = sorted(name for name in os.listdir(folder) if name.startswith(path.name))
    expect("what is left beside the database", left, [path.name])


def outside(root):
    for path in ["/", "/etc/passwd", f"{root}/..", f"{root}/../etc/passwd"]:
        refused(f"reading {path}", Path(path).read_bytes)
    refused("writing beside the mount", lambda: Path(f"{root}/../beside").write_text("x"))


def clear(folder):
    shutil.rmtree(folder)
    expect("the folder is gone", folder.exists(), False)


CHECKS = {
    "mkdir": Path.mkdir,
    "text": text,
    "position": position,
    "status": status,
    "names": names,
    "moves": moves,
    "sqlite3-delete": lambda folder: database(folder, "DELETE"),
    "sqlite3-memory": lambda folder: database(folder, "MEMORY"),
    "outside": lambda folder: outside(folder.parent),
    "clear": clear,
}


class WitWorld(World):
    def run(self, root: str) -> list[str]:
        folder = Path(root) / "python"
        for name, check in CHECKS.items():
            try:
                check(folder)
            except Exception as error:
                raise Err(f"{name}: {type(error).__name__}: {error}")
        return list(CHECKS)

    def table(self, input: Readable) -> list[list[str]]:
        try:
            with open(input.path, newline="", encoding="utf-8") as file:
                rows = list(csv.reader(file))
            around, name = os.path.split(input.path)
            expect("what stands beside it", os.listdir(around), [name])
            refused("opening its neighbour", lambda: open(os.path.join(around, "neighbour.csv")))
            refused("making a neighbour", lambda: open(os.path.join(around, "new.csv"), "x"))
            refused("writing it", lambda: open(input.path, "a"))
            return rows
        except (AssertionError, OSError) as error:
            raise Err(f"{type(error).__name__}: {error}")
