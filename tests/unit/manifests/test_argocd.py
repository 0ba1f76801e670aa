"""The Application that we write, and whether one would undo what we write."""

from typing import Any

import pytest
import yaml
from tests.unit.manifests.argocd_objects import (
    FILE,
    FOLDER,
    HEALING,
    NAME,
    SHOP,
    both,
    ran,
    reading,
    source,
    sync_of,
    written,
)

from crossfade.domain.delivery import Delivery
from crossfade.manifests.argocd import (
    Destination,
    Place,
    application_manifest,
    compared,
    covers,
    fights,
    minds,
    normal_url,
    overlooks,
    tracked_by,
    wants,
)
from crossfade.manifests.argocd_application import application_name, read_application

OURS = [
    "/spec",
    "/metadata/annotations/crossfade.dev~1generation",
    "/metadata/annotations/argocd.argoproj.io~1tracking-id",
    "/metadata/labels/app.kubernetes.io~1instance",
]
OPTIONS = ["RespectIgnoreDifferences=true", "ApplyOutOfSyncOnly=true"]
MINDFUL = {"automated": {"selfHeal": True}, "syncOptions": OPTIONS}
WHOLE = """\
spec:
  ignoreDifferences:
  - kind: DestinationRule
    group: networking.istio.io
    jsonPointers:
    - /spec
    - /metadata/annotations/crossfade.dev~1generation
    - /metadata/annotations/argocd.argoproj.io~1tracking-id
    - /metadata/labels/app.kubernetes.io~1instance
  - kind: VirtualService
    group: networking.istio.io
    jsonPointers:
    - /spec
    - /metadata/annotations/crossfade.dev~1generation
    - /metadata/annotations/argocd.argoproj.io~1tracking-id
    - /metadata/labels/app.kubernetes.io~1instance
  syncPolicy:
    syncOptions:
    - RespectIgnoreDifferences=true
    - ApplyOutOfSyncOnly=true
"""


def test_an_application_is_named_by_its_namespace_and_name() -> None:
    name = application_name("argocd/crossfade")

    assert (name.namespace, name.name, str(name)) == ("argocd", "crossfade", "argocd/crossfade")


@pytest.mark.parametrize("text", ["crossfade", "/crossfade", "argocd/", "a/b/c", ""])
def test_any_other_writing_of_a_name_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="namespace/name"):
        application_name(text)


@pytest.mark.parametrize("delivery", list(Delivery))
def test_our_own_application_reads_our_folder_and_does_not_fight_direct_writes(
    delivery: Delivery,
) -> None:
    application = read_application(written(delivery))

    assert application.name == NAME
    assert covers(application, FOLDER)
    assert covers(application, FILE)
    assert application.policy.self_heals
    assert application.policy.prunes is (delivery is Delivery.GIT_ONLY)
    assert bool(overlooks(application, SHOP)) is (delivery is Delivery.APPLY)
    assert bool(fights(application, FILE, SHOP)) is (delivery is Delivery.GIT_ONLY)


@pytest.mark.parametrize(
    ("folder", "directory"),
    [
        ("istio", {"recurse": True, "include": "istio/*"}),
        ("/team/{a}/istio/", {"recurse": True, "include": "team/\\{a\\}/istio/*"}),
        ("", {"recurse": True}),
    ],
)
def test_our_own_application_reads_a_folder_that_may_be_gone(
    folder: str, directory: dict[str, object]
) -> None:
    place = Place("https://git.example.com/x/y", "main", folder)
    manifest = application_manifest(NAME, place, Destination("shop"), Delivery.GIT_ONLY)
    application = read_application(manifest)

    found: Any = manifest["spec"]
    assert found["source"]["directory"] == directory
    assert covers(application, Place(place.repo_url, "main", f"{folder}/shop/checkout.yaml"))


def test_our_own_application_heals_and_prunes_only_where_it_is_told_to() -> None:
    manifest = application_manifest(
        NAME, FOLDER, Destination("shop"), Delivery.APPLY, self_heal=False, prune=False
    )
    policy = read_application(manifest).policy

    assert policy.automated
    assert not policy.self_heals
    assert not policy.prunes


def test_a_fight_is_ended_by_exactly_the_lines_that_are_told() -> None:
    lines = fights(reading(source=source(deep=True), syncPolicy=HEALING), FILE, SHOP)
    added = yaml.safe_load("\n".join(lines))["spec"]
    mended = reading(
        source=source(deep=True),
        syncPolicy={**HEALING, **added["syncPolicy"]},
        ignoreDifferences=added["ignoreDifferences"],
    )

    assert "\n".join(lines) + "\n" == WHOLE
    assert fights(mended, FILE, SHOP) == ()


def test_only_what_is_missing_is_told() -> None:
    ignored = [
        {"group": "networking.istio.io", "kind": "VirtualService", "jsonPointers": OURS},
        {"group": "networking.istio.io", "kind": "DestinationRule", "jsonPointers": ["/spec"]},
    ]
    application = reading(source=source(deep=True), syncPolicy=MINDFUL, ignoreDifferences=ignored)

    lines = fights(application, FILE, SHOP)

    assert [line for line in lines if "kind" in line] == ["  - kind: DestinationRule"]
    assert "syncPolicy" not in "\n".join(lines)


@pytest.mark.parametrize(
    "entry",
    [
        {"group": "*", "kind": "*", "jsonPointers": OURS},
        {"group": "*", "kind": "*", "jsonPointers": ["/spec", "/metadata"]},
        {
            "group": "networking.istio.io",
            "kind": "*",
            "name": "checkout",
            "namespace": "shop",
            "jqPathExpressions": [
                ".spec",
                '.metadata.annotations."crossfade.dev/generation"',
                '.metadata.annotations."argocd.argoproj.io/tracking-id"',
            ],
            "jsonPointers": ["/metadata/labels"],
        },
    ],
)
def test_other_writings_of_the_settings_are_understood(entry: dict[str, object]) -> None:
    application = reading(source=source(deep=True), syncPolicy=MINDFUL, ignoreDifferences=[entry])

    assert fights(application, FILE, SHOP) == ()


@pytest.mark.parametrize("other", [{"name": "cart"}, {"namespace": "bank"}, {"group": "apps"}])
def test_settings_for_other_objects_do_not_count(other: dict[str, str]) -> None:
    entry = {"group": "networking.istio.io", "kind": "*", "jsonPointers": OURS, **other}
    application = reading(source=source(deep=True), syncPolicy=MINDFUL, ignoreDifferences=[entry])

    assert fights(application, FILE, SHOP)
    assert overlooks(application, SHOP) == ()


@pytest.mark.parametrize("policy", [{}, {"automated": None}, {"automated": {"enabled": False}}])
def test_an_application_that_does_not_sync_by_itself_does_not_fight(policy: object) -> None:
    assert fights(reading(source=source(deep=True), syncPolicy=policy), FILE, SHOP) == ()


def test_an_application_fights_without_healing_too_as_others_commits_make_it_sync() -> None:
    policy = {"automated": {"selfHeal": False}}

    assert fights(reading(source=source(deep=True), syncPolicy=policy), FILE, SHOP)


@pytest.mark.parametrize(
    "read",
    [
        source(deep=True),
        source(""),
        source(".", deep=True),
        source("./istio/", deep=True),
        source("istio/shop"),
        source("istio") | {"kustomize": {}},
        source("istio", "", deep=True),
        source("istio", "HEAD", deep=True),
        source("istio", "refs/heads/main", deep=True),
    ],
    ids=str,
)
def test_a_source_covers_the_files_that_it_reads(read: dict[str, object]) -> None:
    place = FILE if read["path"] != "" else Place(FILE.repo_url, "main", "checkout.yaml")

    assert covers(reading(source=read), place)


@pytest.mark.parametrize(
    "read",
    [
        source("istio"),
        source(""),
        source("ist", deep=True),
        source("istio/bank", deep=True),
        source("istio", "release", deep=True),
        source(deep=True) | {"repoURL": "https://git.example.com/team/other"},
        {},
    ],
    ids=str,
)
def test_a_source_covers_nothing_else(read: dict[str, object]) -> None:
    assert not covers(reading(source=read), FILE)


def test_one_of_several_sources_is_enough() -> None:
    chart = {"repoURL": "https://charts.example.com", "chart": "shop"}

    assert covers(reading(sources=[chart, source(deep=True)], source=chart), FILE)


def test_an_application_fights_for_the_objects_that_it_lists_under_whatever_address() -> None:
    application = ran("a" * 40, "Synced", objects=both("Synced"))
    elsewhere = Place("ssh://git.internal/traffic", "main", FILE.path)

    assert fights(application, elsewhere, SHOP)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://Git.example.com/team/Traffic.git", "https://git.example.com/team/traffic/"),
        ("git@git.example.com:team/traffic.git", "ssh://git@git.example.com/team/traffic"),
        ("git.example.com:/team/traffic", "ssh://git.example.com/team/traffic"),
        ("file:///srv/traffic.git", "/srv/traffic"),
    ],
)
def test_two_writings_of_one_address_are_the_same(one: str, other: str) -> None:
    assert normal_url(one) == normal_url(other)


def test_a_repository_may_have_another_host_inside_the_cluster() -> None:
    read = source(deep=True) | {"repoURL": "http://git.forge.svc:3000/team/traffic.git"}

    assert covers(reading(source=read), FILE)


def test_an_application_wants_what_it_lists_and_git_asks_for() -> None:
    pruned = [standing | {"requiresPruning": True} for standing in both("OutOfSync")]

    assert wants(ran("a" * 40, "Synced", objects=both("Synced")), SHOP)
    assert not wants(ran("a" * 40, "OutOfSync", objects=pruned), SHOP)
    assert not wants(ran("a" * 40, "Synced"), SHOP)


@pytest.mark.parametrize(
    ("state", "is_compared"), [("Synced", True), ("OutOfSync", False), (None, False)]
)
def test_objects_were_compared_where_they_are_listed_in_order(
    state: str | None, *, is_compared: bool
) -> None:
    objects = [] if state is None else both(state)
    assert compared(ran("a" * 40, "Synced", objects=objects), SHOP) is is_compared


def test_an_application_that_does_nothing_by_itself_minds_no_objects() -> None:
    assert not minds(reading(source=source(deep=True), syncPolicy={}), FILE, SHOP)


def test_an_application_that_reads_elsewhere_minds_no_objects_of_ours() -> None:
    elsewhere = Place("https://git.example.com/other/place.git", "main", FOLDER)
    assert not minds(reading(source=source(deep=True), syncPolicy=HEALING), elsewhere, SHOP)


@pytest.mark.parametrize(
    ("phase", "is_syncing"),
    [("Running", True), ("Terminating", True), ("Succeeded", False), ("Error", False)],
)
def test_a_sync_is_under_way_until_it_has_ended(phase: str, *, is_syncing: bool) -> None:
    sync = sync_of("a" * 40, phase, "as it went")
    assert ran("a" * 40, "Synced", operation=sync).syncing is is_syncing


def test_a_sync_that_is_asked_for_is_about_to_begin() -> None:
    assert read_application({**written(), "operation": {"sync": {}}}).syncing


def test_other_addresses_differ() -> None:
    addresses = ("https://a/x", "http://a/x", "ssh://a/x", "a:y", "https://a:8443/x", "c:\\x")

    assert len({normal_url(address) for address in addresses}) == len(addresses)


def _object(**metadata: object) -> dict[str, object]:
    return {
        "apiVersion": "networking.istio.io/v1",
        "kind": "VirtualService",
        "metadata": {"name": "checkout", "namespace": "shop", **metadata},
    }


def _marked(mark: str) -> dict[str, object]:
    return _object(annotations={"argocd.argoproj.io/tracking-id": mark})


HERE = "networking.istio.io/VirtualService:shop/checkout"


def test_the_mark_on_an_object_names_the_application_that_keeps_it() -> None:
    assert tracked_by(_marked(f"traffic:{HERE}")) == "traffic"


@pytest.mark.parametrize(
    "mark",
    ["traffic", f":{HERE}", "traffic:networking.istio.io/VirtualService:shop/cart", "a:b:c:d"],
)
def test_a_mark_that_was_copied_from_another_object_means_nothing(mark: str) -> None:
    assert tracked_by(_marked(mark)) is None


def _labelled(manager: str, label: str = "app.kubernetes.io/instance") -> dict[str, object]:
    fields: dict[str, object] = {"f:metadata": {"f:labels": {f"f:{label}": {}}}}
    return _object(
        labels={"app.kubernetes.io/instance": "traffic"},
        managedFields=[{"manager": "kubectl"}, {"manager": manager, "fieldsV1": fields}],
    )


def test_the_label_names_the_application_where_argo_cd_wrote_it() -> None:
    assert tracked_by(_labelled("argocd-controller")) == "traffic"


@pytest.mark.parametrize(
    "document",
    [
        {},
        _object(),
        _object(labels={"app.kubernetes.io/instance": "traffic"}),
        _labelled("helm"),
        _labelled("argocd-controller", "app"),
    ],
)
def test_an_object_without_argo_cds_mark_is_kept_by_none(document: dict[str, object]) -> None:
    assert tracked_by(document) is None
