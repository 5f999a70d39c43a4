"""Reading a file and the environment."""

from pathlib import Path

import pytest

from proxy.config.load import load_settings
from proxy.core.cutover import Phase
from proxy.errors import ConfigError

EXAMPLES = sorted((Path(__file__).parents[2] / "config").glob("*.yaml"))


def write(tmp_path: Path, text: str) -> Path:
    """A configuration file."""
    file = tmp_path / "tightrope.yaml"
    file.write_text(text)
    return file


def test_there_are_examples():
    """The test below would pass without any."""
    assert {file.name for file in EXAMPLES} >= {"quickstart.yaml", "translator.yaml", "production.yaml"}


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.name)
def test_every_example_loads(file, tmp_path):
    """Every file in config/ is valid once its secrets are there."""
    secret = tmp_path / "secret"
    secret.write_text("abc")
    names = ["ADMIN__TOKEN_FILE", "BLUE__PASSWORD_FILE", "GREEN__TOKEN_FILE"] if file.name == "production.yaml" else []
    settings = load_settings(file, {f"TIGHTROPE_{name}": str(secret) for name in names})
    assert settings.blue.url


def test_quickstart_mirrors_on_this_machine():
    """The quick start says what the README says."""
    settings = load_settings(next(file for file in EXAMPLES if file.name == "quickstart.yaml"), {})
    assert settings.blue.url == "http://127.0.0.1:5001"
    assert settings.green is not None
    assert settings.green.url == "http://127.0.0.1:5002"
    assert (settings.listen.host, settings.listen.port) == ("127.0.0.1", 5000)
    assert settings.phase is Phase.MIRRORING
    assert settings.state.path == Path("tightrope.db")


def test_environment_alone_is_enough():
    """A container needs no file."""
    settings = load_settings(None, {"TIGHTROPE_BLUE__URL": "http://blue", "TIGHTROPE_BLUE__TLS__VERIFY": "false"})
    assert settings.blue.url == "http://blue"
    assert settings.blue.tls.verify is False


def test_environment_wins_over_the_file(tmp_path):
    """A variable replaces one key and leaves its neighbours."""
    file = write(tmp_path, "blue: {url: 'http://file', max_connections: 7}\nlisten: {port: 1234}\n")
    settings = load_settings(file, {"TIGHTROPE_BLUE__URL": "http://env", "TIGHTROPE_LISTEN__PORT": "4321"})
    assert (settings.blue.url, settings.blue.max_connections, settings.listen.port) == ("http://env", 7, 4321)


def test_empty_variables_count_as_unset(tmp_path):
    """A compose file may pass on what its user left out."""
    file = write(tmp_path, "blue: {url: 'http://file'}\n")
    settings = load_settings(file, {"TIGHTROPE_BLUE__URL": "", "TIGHTROPE_GREEN__URL": ""})
    assert settings.blue.url == "http://file"
    assert settings.green is None


def test_variables_of_others_are_passed_over():
    """Kubernetes and our own command line have TIGHTROPE_ variables that are no settings."""
    others = {"TIGHTROPE_PORT": "tcp://10.0.0.1:5000", "TIGHTROPE_SERVICE_HOST": "x", "TIGHTROPE_ADMIN_URL": "y"}
    assert load_settings(None, {"TIGHTROPE_BLUE__URL": "http://blue", "PATH": "/bin", **others}).listen.port == 5000


def test_secret_variable_replaces_the_files_secret_file(tmp_path):
    """TIGHTROPE_ADMIN__TOKEN wins over admin.token_file, as variables always win."""
    file = write(tmp_path, "blue: {url: 'http://blue'}\nadmin: {token_file: /not/there}\n")
    settings = load_settings(file, {"TIGHTROPE_ADMIN__TOKEN": "abc"})
    assert settings.admin.token is not None
    assert settings.admin.token.get_secret_value() == "abc"


def test_two_secret_variables_are_a_problem():
    """Nobody should have to know which of two variables wins."""
    environ = {"TIGHTROPE_BLUE__URL": "http://b", "TIGHTROPE_ADMIN__TOKEN": "a", "TIGHTROPE_ADMIN__TOKEN_FILE": "f"}
    with pytest.raises(ConfigError, match="twice"):
        load_settings(None, environ)


def test_anchored_sections_stay_apart(tmp_path):
    """A variable for blue does not change green, although YAML made both from one anchor."""
    file = write(tmp_path, "blue: {url: 'http://b', tls: &tls {verify: true}}\ngreen: {url: 'http://g', tls: *tls}\n")
    settings = load_settings(file, {"TIGHTROPE_BLUE__TLS__VERIFY": "false"})
    assert settings.green is not None
    assert (settings.blue.tls.verify, settings.green.tls.verify) == (False, True)


def test_empty_sections_count_as_left_out(tmp_path):
    """`mirror:` with every key commented out is a common state of a file."""
    settings = load_settings(write(tmp_path, "blue:\n  url: http://blue\nmirror:\n"), {})
    assert settings.mirror.concurrency == 8


def test_all_problems_are_listed_at_once(tmp_path):
    """One run shows everything that is wrong, across sections and kinds of problem."""
    file = write(tmp_path, "blue: {url: 'blue'}\nmirror: {concurency: 3}\nphase: mirorring\nadmin: {host: 0.0.0.0}\n")
    with pytest.raises(ConfigError) as caught:
        load_settings(file, {"TIGHTROPE_GREEN__URL": "green"})
    message = caught.value.message
    assert message.startswith(f"5 problems in {file} and the environment:")
    for part in ("blue.url:", "mirror.concurency:", "phase:", "admin:", "green.url (from TIGHTROPE_GREEN__URL):"):
        assert f"\n  {part}" in message


def test_nothing_at_all_names_what_is_required():
    """The first start without any configuration says what is missing."""
    with pytest.raises(ConfigError, match="1 problem in the environment:\n  blue: is required"):
        load_settings(None, {})


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("blue: {url: 'x'\nlisten: 3", r"tightrope\.yaml, line 2, column \d+: not valid YAML"),
        ("blue: {url: a}\nblue: {url: b}\n", r"line 2, column 1: not valid YAML: the key 'blue' is given twice"),
        ("- a\n- b\n", "must hold sections"),
        ("a: \x00", "not valid YAML"),
    ],
)
def test_broken_yaml_is_told_with_its_place(tmp_path, text, reason):
    """A file that is no YAML, or not sections, is refused with the line where one is known."""
    with pytest.raises(ConfigError, match=reason):
        load_settings(write(tmp_path, text), {})


def test_missing_file_says_so(tmp_path):
    """A wrong path is no traceback."""
    with pytest.raises(ConfigError, match="there is no configuration file"):
        load_settings(tmp_path / "nowhere.yaml", {})


def test_directory_instead_of_a_file_says_so(tmp_path):
    """Neither is a path that cannot be read."""
    with pytest.raises(ConfigError, match="cannot be read"):
        load_settings(tmp_path, {})


def test_binary_file_says_so(tmp_path):
    """Neither is a file that is no text."""
    file = tmp_path / "x.yaml"
    file.write_bytes(b"\xff\xfe\xff")
    with pytest.raises(ConfigError, match="not UTF-8"):
        load_settings(file, {})
