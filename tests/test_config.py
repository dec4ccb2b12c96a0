from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path

import platformdirs
import pytest

from cbir.config import load_settings, make_private_folder, start_logging
from cbir.errors import CbirError
from cbir.images import DEFAULT_EXCLUDES
from cbir.settings_file import Preferences


def test_options_win_over_the_environment(tmp_path: Path) -> None:
    environ = {"CBIR_HOME": str(tmp_path / "home"), "CBIR_MODELS": str(tmp_path / "models")}
    settings = load_settings(environ=environ)
    assert settings.library == tmp_path / "home" / "library.npz"
    assert settings.models == tmp_path / "models"
    settings = load_settings(library="a.npz", models=tmp_path / "mine", environ=environ)
    assert settings.library == Path("a.npz").absolute()
    assert settings.models == tmp_path / "mine"


def test_without_options_the_platform_s_folders_are_used() -> None:
    settings = load_settings(environ={})
    assert settings.library.is_absolute() and "cbir" in str(settings.library)
    assert settings.models is None


def test_what_cannot_be_is_told(tmp_path: Path) -> None:
    with pytest.raises(CbirError, match="'tpu'"):
        load_settings(device="tpu")
    (tmp_path / "file").write_text("")
    with pytest.raises(CbirError, match="no home folder"):
        load_settings(library="~nobody-of-this-name/library.npz")
    with pytest.raises(CbirError, match="is a file"):
        load_settings(models=tmp_path / "file")
    with pytest.raises(CbirError, match="cannot be made"):
        make_private_folder(tmp_path / "file" / "below")


def test_folders_and_the_log_are_private(tmp_path: Path) -> None:
    settings = load_settings(environ={"CBIR_HOME": str(tmp_path / "home")})
    start_logging(settings)
    assert not settings.home.exists()  # nothing was logged yet
    logging.getLogger("cbir.test").error("kept %s", "\udcff")
    assert "kept" in settings.log_file.read_text(encoding="utf-8")
    assert settings.log_file.stat().st_mode & 0o077 == 0
    assert settings.home.stat().st_mode & 0o077 == 0
    for handler in list(logging.getLogger("cbir").handlers):
        logging.getLogger("cbir").removeHandler(handler)
        handler.close()


def test_importing_the_package_imports_no_torch() -> None:
    code = "import sys, cbir; cbir.Library; cbir.open_encoder; print('torch' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"


def test_the_recall_comes_from_the_option_the_environment_or_is_95_per_cent(tmp_path: Path) -> None:
    home = {"CBIR_HOME": str(tmp_path)}
    assert load_settings(environ=home).recall == 0.95
    assert load_settings(environ={**home, "CBIR_RECALL": "0.8"}).recall == 0.8
    assert load_settings(environ={**home, "CBIR_RECALL": "0.8"}, recall=0.9).recall == 0.9
    for wrong in ("1", "0", "-0.5", "nan", "much"):
        with pytest.raises(CbirError, match="between 0 and 1"):
            load_settings(environ={**home, "CBIR_RECALL": wrong})


def test_options_and_the_environment_win_over_the_settings_file(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text(
        'exclude = ["cache"]\nprecision = "float32"\nnewest_first = true\nmax_megapixels = 7\n'
    )
    home = {"CBIR_HOME": str(tmp_path)}
    plain = load_settings(environ=home)
    assert (plain.excludes, plain.max_megapixels, plain.precision) == (("cache",), 7, "float32")
    assert plain.newest_first and not plain.cross_file_systems and not plain.problems
    other = {**home, "CBIR_PRECISION": "auto"}
    assert load_settings(environ=other).precision == "auto"
    settings = load_settings(
        environ=other,
        precision="bfloat16",
        excludes=["*.bak", "cache"],
        newest_first=False,
        cross_file_systems=True,
    )
    assert settings.excludes == ("cache", "*.bak")
    assert (settings.precision, settings.newest_first) == ("bfloat16", False)
    assert settings.cross_file_systems
    assert {"newest_first", "cross_file_systems"} <= settings.fixed
    later = settings.preferring(Preferences(("raw",), newest_first=True, k=7))  # saved meanwhile
    assert later.excludes == ("raw", "*.bak", "cache")
    assert (later.newest_first, later.cross_file_systems, later.k) == (False, True, 7)
    with pytest.raises(CbirError, match="CBIR_PRECISION"):
        load_settings(environ={**home, "CBIR_PRECISION": "half"})


def test_a_broken_settings_file_is_told_and_never_fatal(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text("max_megapixels = 'many'")
    settings = load_settings(environ={"CBIR_HOME": str(tmp_path)})
    assert settings.max_megapixels == 200
    assert "max_megapixels" in settings.problems[0]


def test_thumbnails_lie_in_the_cache_folder_and_are_never_indexed(tmp_path: Path) -> None:
    settings = load_settings(environ={"CBIR_HOME": str(tmp_path / "home")})
    assert settings.thumbnails_folder == tmp_path / "home" / "cache" / ".thumbnails"
    assert settings.thumbnails_folder.name in DEFAULT_EXCLUDES
    own = load_settings(environ={}).thumbnails_folder
    assert own.is_absolute() and own.is_relative_to(platformdirs.user_cache_dir("cbir", False))


def test_the_settings_file_is_the_default_of_everything(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text(
        'device = "cpu"\nrecall = 0.9\nk = 5\nmetric = "euclidean"\nspace = "clip"\nthreads = 2\n'
        f'theme = "dark"\nthumbnail = 200\nmodels = "{tmp_path / "weights"}"\n'
    )
    home = {"CBIR_HOME": str(tmp_path)}
    said = load_settings(environ=home)
    assert (said.device, said.recall, said.models) == ("cpu", 0.9, tmp_path / "weights")
    assert (said.k, said.metric, said.space, said.threads) == (5, "euclidean", "clip", 2)
    assert (said.theme, said.thumbnail, said.fixed) == ("dark", 200, frozenset())
    environ = {**home, "CBIR_RECALL": "0.8", "CBIR_MODELS": str(tmp_path / "other")}
    said = load_settings(device="auto", environ=environ)
    assert (said.device, said.recall, said.models) == ("auto", 0.8, tmp_path / "other")
    assert said.fixed == {"device", "recall", "models"}
    assert load_settings(recall=0.7, environ=environ).recall == 0.7
