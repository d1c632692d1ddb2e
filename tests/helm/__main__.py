"""``python -m tests.helm``: writes the golden renderings anew, to be read in the diff (``make golden``)."""

from __future__ import annotations

from tests.helm.chart import GOLDEN, NAMES, golden_text


def main() -> None:
    """Write all of them."""
    for name in NAMES:
        text = golden_text(name)
        (GOLDEN / f"{name}.yaml").write_text(text, "utf-8")
        print(f"{name}: {len(text.splitlines())} lines")


if __name__ == "__main__":
    main()
