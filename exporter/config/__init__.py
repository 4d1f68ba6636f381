"""Configuration: the start of the flow; nothing else in the package is imported here."""

from exporter.config.load import ConfigError, load_config, validate
from exporter.config.root import Config

__all__ = ["Config", "ConfigError", "load_config", "validate"]
