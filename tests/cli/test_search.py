from __future__ import annotations

from pathlib import Path

import pytest

from cbir.records import METRICS
from tests.cli.conftest import Cbir
from tests.fakes import ColourEncoder

KEYS = {
    "query",
    "space",
    "metric",
    "method",
    "reason",
    "total",
    "candidates",
    "seconds",
    "index_seconds",
    "hits",
}


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("method", ["auto", "lsh", "exact"])
def test_by_picture(
    cbir: Cbir,
    indexed: Path,
    metric: str,
    method: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(indexed)
    said = cbir(
        "search", "--image", "red_0.png", "-k", 3, "--metric", metric, "--method", method, "--json"
    )
    assert (said.status, said.err) == (0, "")
    document = said.document
    assert document.keys() >= KEYS
    assert document["query"] == {"image": str(indexed / "red_0.png")}
    assert (document["space"], document["metric"], document["total"]) == ("classic", metric, 12)
    assert document["method"] in ({"auto": ("lsh", "exact")}.get(method, ("lsh", "exact")))
    hits = document["hits"]
    assert [Path(hit["path"]).name for hit in hits[:2]] == ["red_0.png", "red_1.png"]
    assert len(hits) == 3
    assert hits[0].keys() >= {"id", "path", "score"}
    scores = [hit["score"] for hit in hits]
    assert scores == sorted(scores, reverse=metric == "cosine")
    assert scores[0] == pytest.approx(1.0 if metric == "cosine" else 0.0, abs=1e-5)


def test_hits_tell_what_their_scores_mean(cbir: Cbir, indexed: Path) -> None:
    query = indexed / "red_0.png"
    (indexed / "copy.png").write_bytes(query.read_bytes())
    cbir("index", indexed)
    document = cbir("search", "--image", query, "--json").document
    hits = document["hits"]
    percentiles = [hit["percentile"] for hit in hits]
    assert percentiles == sorted(percentiles, reverse=True)
    assert 0 <= percentiles[-1] < percentiles[0] <= 100
    assert {Path(hit["path"]).name for hit in hits if hit["alike"] == hits[0]["id"]} >= {
        "copy.png",
        "red_0.png",
    }
    assert document["nothing"] == ""
    said = cbir("search", "--image", query, "--tag", "none such")
    assert "Nothing was found.\nNo picture passes the filter.\n" in said.out


def test_exact_compares_everything(cbir: Cbir, indexed: Path) -> None:
    query = indexed / "blue_0.png"
    document = cbir("search", "--image", query, "--method", "exact", "--json").document
    assert (document["method"], document["candidates"]) == ("exact", 12)
    assert len(document["hits"]) == 12


def test_by_words(cbir: Cbir, pictures: Path, colour_clip: ColourEncoder) -> None:
    cbir("index", pictures, "--space", "clip")
    document = cbir("search", "--text", "green", "-k", 2, "--json").document
    assert document["query"] == {"text": "green"}
    assert (document["space"], document["method"]) == ("clip", "exact")
    assert document["reason"] == "text query"
    assert {Path(hit["path"]).name for hit in document["hits"]} == {"green_0.png", "green_1.png"}
    same = cbir("search", "--text", "green", "--space", "clip", "--method", "exact")
    assert "Exact · text query · compared 12 · " in same.out


def test_text_output_is_a_table_and_a_status_line(cbir: Cbir, indexed: Path) -> None:
    said = cbir("search", "--image", indexed / "red_0.png", "-k", 2, "--metric", "euclidean")
    head, first, _, status = said.out.splitlines()
    assert head.split() == ["rank", "score", "path"]
    assert first.split() == ["1", "d", "0.00", str(indexed / "red_0.png")]
    assert "compared" in status
    assert status.endswith((" ms", " s"))


def test_a_hit_whose_file_is_gone_is_marked(cbir: Cbir, indexed: Path) -> None:
    (indexed / "red_1.png").unlink()
    cbir("index", indexed)
    assert "red_1.png (missing)" in cbir("search", "--image", indexed / "red_0.png").out


def test_a_query_outside_the_library(cbir: Cbir, indexed: Path, tmp_path: Path) -> None:
    (indexed / "yellow_0.png").rename(tmp_path / "query.png")
    document = cbir("search", "--image", tmp_path / "query.png", "--json").document
    assert Path(document["hits"][0]["path"]).stem in ("yellow_0", "yellow_1")


def test_a_search_writes_nothing(cbir: Cbir, indexed: Path, library: Path) -> None:
    before = {file: file.stat().st_mtime_ns for file in library.parent.iterdir()}
    cbir("search", "--image", indexed / "red_0.png")
    assert {file: file.stat().st_mtime_ns for file in library.parent.iterdir()} == before


@pytest.mark.parametrize("text", ["", "  "])
def test_empty_words(cbir: Cbir, text: str) -> None:
    said = cbir("search", "--text", text)
    assert (said.status, said.out) == (2, "")
    assert "--text holds no words" in said.err


def test_an_empty_library_is_told(cbir: Cbir, pictures: Path, tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    cbir("index", tmp_path / "none")
    complaint = cbir("search", "--image", pictures / "red_0.png", "--json").complaint
    assert complaint == "This library is empty: index a folder first."


def test_a_space_without_vectors(cbir: Cbir, indexed: Path) -> None:
    complaint = cbir("search", "--text", "red").complaint
    assert complaint == "No CLIP vectors in this library yet: index with CLIP first."


def test_query_files_that_are_no_pictures(cbir: Cbir, indexed: Path, tmp_path: Path) -> None:
    (tmp_path / "words.png").write_text("words")
    truncated = tmp_path / "truncated.png"
    truncated.write_bytes((indexed / "red_0.png").read_bytes()[:200])
    for query in (tmp_path / "words.png", truncated, tmp_path / "nowhere.png", tmp_path):
        assert query.name in cbir("search", "--image", query, "--json").complaint


def test_a_damaged_library(cbir: Cbir, pictures: Path, library: Path) -> None:
    library.parent.mkdir()
    library.write_bytes(b"PK\x03\x04 nothing of the kind")
    assert library.name in cbir("search", "--image", pictures / "red_0.png").complaint


def test_words_and_pictures_mixed(cbir: Cbir, pictures: Path, colour_clip: ColourEncoder) -> None:
    assert cbir("index", pictures, "--space", "clip").status == 0
    query = f'{pictures / "red_0.png"} -"blue" 0.5:"red"'
    document = cbir("search", "--query", query, "-k", 2, "--json").document
    assert {Path(hit["path"]).name for hit in document["hits"]} == {"red_0.png", "red_1.png"}
    assert document["method"] == "exact"
    told = document["query"]
    assert told["query"] == f'image:"{pictures / "red_0.png"}" -"blue" 0.5:"red"'
    assert [term["weight"] for term in told["terms"]] == [1, -1, 0.5]
    assert [term.get("text") for term in told["terms"]] == [None, "blue", "red"]
    assert cbir("search", "--query", told["query"], "-k", 2, "--json").document["query"] == told


def test_several_pictures(cbir: Cbir, indexed: Path) -> None:
    both = [word for name in ("red_0.png", "blue_0.png") for word in ("--image", indexed / name)]
    document = cbir("search", *both, "-k", 4, "--json").document
    found = {Path(hit["path"]).name for hit in document["hits"]}
    assert {"red_0.png", "blue_0.png"} <= found
    assert [term["image"] for term in document["query"]["terms"]] == [str(both[1]), str(both[3])]


def test_a_part_of_a_picture(cbir: Cbir, indexed: Path) -> None:
    query = f'image:"{indexed / "red_0.png"}"[0,0,0.5,0.5]'
    document = cbir("search", "--query", query, "-k", 2, "--json").document
    assert {Path(hit["path"]).name for hit in document["hits"]} == {"red_0.png", "red_1.png"}
    assert document["query"]["terms"][0]["box"] == [0, 0, 0.5, 0.5]


@pytest.mark.parametrize(
    ("query", "told"),
    [('"sea', "must come before and after"), ("", "Nothing to search for")],
)
def test_a_query_that_cannot_be_read_is_wrong_usage(cbir: Cbir, query: str, told: str) -> None:
    said = cbir("search", "--query", query)
    assert (said.status, said.out) == (2, "")
    assert told in " ".join(said.err.split())


def test_the_settings_file_says_what_no_option_does(
    cbir: Cbir, pictures: Path, colour_clip: ColourEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = pictures.parent / "home"
    home.mkdir(exist_ok=True)
    monkeypatch.setenv("CBIR_HOME", str(home))
    (home / "settings.toml").write_text('k = 3\nmetric = "euclidean"\nspace = "clip"\n')
    cbir("index", pictures, "--space", "classic")
    query = pictures / "red_0.png"
    said = cbir("search", "--image", query, "--json")
    assert (said.document["space"], said.document["metric"]) == ("classic", "euclidean")
    assert len(said.document["hits"]) == 3
    assert "no vectors of clip, the space in the settings file" in said.err
    cbir("index", pictures, "--space", "clip")
    said = cbir("search", "--image", query, "--json")
    assert (said.document["space"], said.err) == ("clip", "")
    options = ("--space", "classic", "--metric", "cosine", "-k", 2)
    document = cbir("search", "--image", query, *options, "--json").document
    assert (document["space"], document["metric"]) == ("classic", "cosine")
    assert len(document["hits"]) == 2
    assert cbir("search", "--text", "red", "--json").document["space"] == "clip"
