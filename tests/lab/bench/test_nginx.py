"""What nginx is told to do."""

from __future__ import annotations

from pathlib import Path

from proxy.lab.bench.nginx import nginx_config


def test_mirroring_is_only_in_the_mirroring_configuration():
    """The plain one has a single upstream and no mirror; braces of nginx survive the template in both."""
    plain = nginx_config(Path("/d"), 1, 2)
    mirroring = nginx_config(Path("/d"), 1, 2, 3)
    assert "mirror" not in plain
    assert "mirror /_green;" in mirroring
    assert "server 127.0.0.1:3;" in mirroring
    for config in (plain, mirroring):
        assert "server 127.0.0.1:2;" in config
        assert config.count("{") == config.count("}")
        assert "{{" not in config
