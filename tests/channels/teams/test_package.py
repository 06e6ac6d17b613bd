"""The app package, its icons, and the doctor."""

import asyncio
import io
import json
import zipfile

import jsonschema
import png
import pytest

from asaka_bot.channels.teams.doctor import examine
from asaka_bot.channels.teams.package import SCHEMA, app_package, manifest
from asaka_bot.settings import TeamsSettings
from tests.channels.teams import issuer as issuers
from tests.channels.teams.issuer import CLIENT_ID, TENANT
from tests.channels.teams.playground import packages

SETTINGS = TeamsSettings.model_validate(
    {"TEAMS_CLIENT_ID": CLIENT_ID, "TEAMS_CLIENT_SECRET": "s3cret", "TEAMS_TENANT_ID": TENANT}
)


def test_the_manifest_keeps_microsofts_schema():
    """The manifest validates against the schema that Microsoft publishes for its version."""
    place = packages() / "@microsoft" / "app-manifest" / "build" / "json-schemas" / "teams" / f"v{SCHEMA}"
    schema = json.loads((place / "MicrosoftTeams.schema.json").read_text(encoding="utf-8-sig"))
    jsonschema.Draft4Validator(schema).validate(manifest(CLIENT_ID))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft4Validator(schema).validate(manifest(CLIENT_ID) | {"accentColor": "green"})


def test_the_package_holds_manifest_and_icons():
    """Three files at the root; the icons have the sizes that Teams asks for, the outline is white on nothing."""
    with zipfile.ZipFile(io.BytesIO(made := app_package(CLIENT_ID))) as archive:
        assert sorted(archive.namelist()) == ["color.png", "manifest.json", "outline.png"]
        color, outline = (png.Reader(bytes=archive.read(name)).asRGBA8() for name in ("color.png", "outline.png"))
        assert json.loads(archive.read("manifest.json"))["bots"][0]["botId"] == CLIENT_ID
        assert (color[0], color[1]) == (192, 192)
        assert (outline[0], outline[1]) == (32, 32)
        rows = [list(row) for row in outline[2]]
    pixels = [tuple(row[n : n + 4]) for row in rows for n in range(0, len(row), 4)]
    assert {pixel[:3] for pixel in pixels} == {(255, 255, 255)}
    assert {0, 255} <= {pixel[3] for pixel in pixels}
    assert made == app_package(CLIENT_ID)


@pytest.fixture
def issuer():
    with issuers.running() as running:
        yield running


def doctor(issuer, settings=SETTINGS, service=None):
    return asyncio.run(
        examine(settings, login=issuer.url, metadata=issuer.metadata, service=service or f"{issuer.url}/teams/")
    )


def test_a_healthy_configuration(issuer):
    """Where everything can be reached, nothing is to be done."""
    findings = doctor(issuer)
    assert len(findings) == 4
    assert all(finding.good for finding in findings)


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        ("AADSTS7000215", "「値」"),
        ("AADSTS7000222", "期限"),
        ("AADSTS700016", "TEAMS_CLIENT_ID"),
        ("AADSTS90002", "TEAMS_TENANT_ID"),
        ("AADSTS1", "3つの変数"),
    ],
)
def test_a_refused_secret_says_what_to_do(issuer, code, hint):
    """Microsoft's reason becomes a remedy; neither the secret nor Microsoft's description is repeated."""
    issuer.login = (401, {"error": "invalid_client", "error_description": f"{code}: Trace ID: {TENANT}"})
    [finding] = [f for f in doctor(issuer) if not f.good]
    assert hint in finding.remedy
    assert "s3cret" not in finding.remedy
    assert TENANT not in finding.remedy


def test_a_firewall_is_named(issuer):
    """What can't be reached is named by its host, with the port to open."""
    [finding] = [f for f in doctor(issuer, service="http://127.0.0.1:9/") if not f.good]
    assert "127.0.0.1" in finding.remedy
    assert "443" in finding.remedy


def test_without_settings(issuer):
    """Without variables the doctor names them."""
    [finding] = doctor(issuer, settings=None)
    assert "TEAMS_CLIENT_ID" in finding.remedy
