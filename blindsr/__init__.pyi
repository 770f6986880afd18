from .api import Found as Found
from .api import UpscaleResult as UpscaleResult
from .api import degrade as degrade
from .api import estimate_kernel as estimate_kernel
from .api import find_kernels as find_kernels
from .api import random_kernel as random_kernel
from .api import read_kernel as read_kernel
from .api import score as score
from .api import settings as settings
from .api import upscale as upscale
from .api import write_kernel as write_kernel
from .errors import InputError as InputError
from .imaging.kernel import SRKernel as SRKernel
from .imaging.metrics import Scores as Scores
from .presets import Settings as Settings
from .progress import Progress as Progress

__version__: str
