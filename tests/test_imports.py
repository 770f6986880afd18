"""``--help`` and ``import blindsr`` load nothing heavy."""

import json
import subprocess
import sys

import numpy as np
import pytest

from tests.io.rows import colours, png_bytes

HEAVY = {
    *("torch", "numpy", "scipy", "pandas", "matplotlib", "PIL", "imageio", "tifffile", "skimage"),
    *("torchvision", "rich"),
}
LISTING = "import json, sys; print(json.dumps(sorted(sys.modules)))"


def loaded_after(code, whole=False):
    """The packages, or the ``whole`` names of the modules, that a new process has loaded after the code."""
    result = subprocess.run(
        [sys.executable, "-c", f"{code}\n{LISTING}"], capture_output=True, text=True, check=True
    )
    names = json.loads(result.stdout.splitlines()[-1])
    return {name if whole else name.split(".")[0] for name in names}


@pytest.mark.parametrize("command", [[], ["upscale"], ["kernel"], ["degrade"], ["score"], ["sample"]])
def test_help_is_light(command):
    loaded = loaded_after(f"from blindsr.cli.main import run; assert run({[*command, '--help']!r}) == 0")
    assert "click" in loaded
    assert not loaded & HEAVY


def test_importing_the_package_is_light_and_its_names_come_when_used():
    """A light name shows it as well as one that would load torch."""
    before = loaded_after("import blindsr; dir(blindsr); blindsr.__version__", whole=True)
    assert not {name.split(".")[0] for name in before} & (HEAVY | {"click"})
    assert "srbase.errors" not in before
    assert "srbase.errors" in loaded_after("import blindsr; blindsr.InputError", whole=True)


def test_every_public_name_is_there_and_no_other():
    import blindsr

    assert all(getattr(blindsr, name) is not None for name in blindsr.__all__)
    assert set(blindsr.__all__) <= set(dir(blindsr))
    with pytest.raises(AttributeError, match="nonsense"):
        _ = blindsr.nonsense


@pytest.mark.parametrize("arguments", [["--version"], ["--help"]])
def test_python_m_blindsr(arguments):
    result = subprocess.run(
        [sys.executable, "-m", "blindsr", *arguments], capture_output=True, text=True, check=True
    )
    assert "blindsr" in result.stdout


@pytest.mark.slow
def test_training_on_sixteen_bits_loads_no_compiler(tmp_path):
    """PyTorch's, and torchvision, which loads it, take a second or two of every command; nothing here is
    compiled."""
    (tmp_path / "p.png").write_bytes(png_bytes(colours(np.uint16), 2, 16))
    code = f"""
import numpy as np, blindsr
settings = blindsr.settings(zssr_steps=2, real="off")
assert blindsr.upscale({str(tmp_path / "p.png")!r}, settings=settings, device="cpu").trainings[0].steps == 2
small = np.random.default_rng(0).integers(0, 256, (64, 80, 3), dtype=np.uint8)
try:
    blindsr.estimate_kernel(small, settings=blindsr.settings("paper", kernelgan_steps=2), device="cpu")
except ArithmeticError:
    pass  # two steps are too few for a kernel
"""
    assert not loaded_after(code, whole=True) & {"torch._dynamo", "sympy", "torchvision"}
