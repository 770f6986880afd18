from .api import Analysis as Analysis
from .api import InputError as InputError
from .api import Progress as Progress
from .api import Scores as Scores
from .api import SecondStage as SecondStage
from .api import Settings as Settings
from .api import SRKernel as SRKernel
from .api import UpscaleResult as UpscaleResult
from .api import degrade as degrade
from .api import estimate_kernel as estimate_kernel
from .api import estimate_kernels as estimate_kernels
from .api import random_kernel as random_kernel
from .api import read_kernel as read_kernel
from .api import score as score
from .api import settings as settings
from .api import upscale as upscale
from .api import write_kernel as write_kernel
from .stack import StackResult as StackResult
from .stack import upscale_stack as upscale_stack

__version__: str
