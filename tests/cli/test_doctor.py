import json
import subprocess
import sys

import pytest

from blindsr.cli import doctor


def test_the_doctor_in_words_and_for_machines(blindsr):
    code, out, err = blindsr("doctor")
    assert (code, err) == (0, [])
    words = "\n".join(out)
    for part in (
        "blindsr 0",
        "torch 2",
        "device cpu",
        "threads: ",
        "reads: PNG, JPEG",
        "writes: PNG, JPEG, TIFF",
    ):
        assert part in words
    code, out, _ = blindsr("doctor", "--json")
    told = json.loads(out[0])
    assert (code, len(out)) == (0, 1)
    assert {"PNG", "AVIF", "GIF"} <= set(told["reads"])
    assert told["writes"] == ["PNG", "JPEG", "TIFF", "WebP", "BMP"]
    assert told["libraries"]["torch"]


def test_what_is_missing_is_named_with_its_cure(blindsr, monkeypatch):
    monkeypatch.setattr(doctor, "find_spec", lambda _: None)
    told = json.loads(blindsr("doctor", "--json")[1][0])
    assert "HEIC (pip install 'blindsr[heif]')" in told["cannot read"]
    assert "camera RAW (pip install 'blindsr[raw]')" in told["cannot read"]
    assert "HEIC" not in told["reads"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_completion_script_for_each_shell(blindsr, shell):
    code, out, err = blindsr("completion", shell)
    assert (code, err) == (0, [])
    assert any(f"_BLINDSR_COMPLETE={shell}_complete" in line for line in out)


def test_the_shell_is_told_what_may_follow():
    result = subprocess.run(
        [sys.executable, "-c", "from blindsr.cli.main import main; main()"],
        env={
            "_BLINDSR_COMPLETE": "bash_complete",
            "COMP_WORDS": "blindsr upscale --preset ",
            "COMP_CWORD": "3",
            "PYTHONPATH": ":".join(sys.path),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert set(result.stdout.split()) == {"plain,default", "plain,paper", "plain,instant"}
