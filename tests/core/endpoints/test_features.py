"""Words for groups of operations."""

from __future__ import annotations

from proxy.core.endpoints.catalogue import CATALOGUE
from proxy.core.endpoints.features import ALIASES, FEATURE_OF, FEATURES, PROMPTS, TRACES_V2, TRACES_V3, UI


def test_every_operation_has_a_feature():
    """A refusal and the skew table have words for whatever the catalogue knows."""
    assert FEATURE_OF.keys() == CATALOGUE.keys()
    assert set(FEATURE_OF.values()) <= set(FEATURES)


def test_names_in_features_are_operations_and_are_named_once():
    """A mistyped name would silently leave its operation to the family's feature."""
    named = [name for feature in FEATURES for name in feature.named]
    assert len(named) == len(set(named))
    assert {name for feature in FEATURES for name in feature.named | feature.uses} <= CATALOGUE.keys()


def test_what_is_named_leaves_its_family():
    """Aliases are no ordinary registry calls, traces have two generations, an upload by the UI is the UI's."""
    assert FEATURE_OF["SetRegisteredModelAlias"] is ALIASES
    assert FEATURE_OF["StartTrace"] is TRACES_V2
    assert FEATURE_OF["StartTraceV3"] is TRACES_V3
    assert FEATURE_OF["UploadArtifactUi"] is UI


def test_a_feature_has_operations_or_uses_some():
    """No row of a table is empty for ever."""
    assert {f for f in FEATURES if not f.uses} == set(FEATURE_OF.values())
    assert PROMPTS.uses
    assert PROMPTS not in FEATURE_OF.values()
