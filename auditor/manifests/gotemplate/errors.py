"""Why a template gives nothing."""

from __future__ import annotations


class TemplateError(Exception):
    """The template is wrong, or fails on its data, as it would in Go."""


class UnsupportedTemplateError(TemplateError):
    """The template asks for something that is not done here, or that is another with every run."""
