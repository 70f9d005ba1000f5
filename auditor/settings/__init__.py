"""`auditor.yaml`: what the operator decides. Never read from the audited repository's history.

Unknown keys are errors, so that a misspelt one does not silently do nothing. One file a section; `settings` puts
them together, `file` reads them, `variables` lays the environment over them, `template` is what `auditor init` writes.
"""

from auditor.settings.change_control import ChangeControlSetting, FreezeSetting, HotfixSetting
from auditor.settings.environments import ClusterSetting, EnvironmentSetting
from auditor.settings.file import DEFAULT_FILE, ENVIRONMENT_PREFIX, load_settings
from auditor.settings.forge import ForgeSetting
from auditor.settings.people import ActorSetting, PersonSetting
from auditor.settings.policies import PolicySetting, SchemaSetting
from auditor.settings.rendering import RenderingSetting
from auditor.settings.settings import Settings
from auditor.settings.signatures import GitsignIdentitySetting, GitsignSetting, SignatureSetting
from auditor.settings.trail import TrailSetting

__all__ = [
    "DEFAULT_FILE",
    "ENVIRONMENT_PREFIX",
    "ActorSetting",
    "ChangeControlSetting",
    "ClusterSetting",
    "EnvironmentSetting",
    "ForgeSetting",
    "FreezeSetting",
    "GitsignIdentitySetting",
    "GitsignSetting",
    "HotfixSetting",
    "PersonSetting",
    "PolicySetting",
    "RenderingSetting",
    "SchemaSetting",
    "Settings",
    "SignatureSetting",
    "TrailSetting",
    "load_settings",
]
