"""Settings out of the environment: AUDITOR_ENGINE and the like.

Apart from the settings, and imported where such a variable is set: pydantic-settings takes a tenth of a second to
import, and most commands find nothing for it to read.
"""

from __future__ import annotations

from typing import Any

from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from auditor.errors import ConfigurationError
from auditor.settings.file import ENVIRONMENT_PREFIX
from auditor.settings.settings import Settings


class _WithEnvironment(Settings, BaseSettings):
    """The settings' own fields, read from the environment too."""

    model_config = SettingsConfigDict(
        env_prefix=ENVIRONMENT_PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Environment over file; no .env file and no secrets folder, which a repository could bring."""
        return (env_settings, init_settings)


def with_environment(values: dict[str, Any]) -> Settings:
    """The settings of a file's `values` and, over them, of the environment.

    Raises pydantic's ValidationError as `Settings` does, ConfigurationError for a variable that is no JSON.
    """
    try:
        return Settings(**dict(_WithEnvironment(**values)))
    except SettingsError as error:
        raise ConfigurationError(
            f"in the environment: {error}", hint="values that are no plain text are given as JSON"
        ) from error
