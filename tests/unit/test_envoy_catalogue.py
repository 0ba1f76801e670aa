"""What Envoy should hold, rule by rule, and what it goes back to when it refuses."""

import pytest
from tests.fakes.clock import NOON

from crossfade.adapters.envoy.bundles import bundle, generation_of, route_version
from crossfade.adapters.envoy.catalogue import Bundle, Catalogue
from crossfade.adapters.envoy.resources import Kind, Name
from crossfade.domain.cohort import Cohort, Condition, Operator, Source
from crossfade.domain.errors import RefusedError
from crossfade.domain.intent import Intent, Version
from crossfade.domain.names import ServiceKey
from crossfade.domain.revision import Revision
from crossfade.manifests.render import RENDERER, documents

SHOP = ServiceKey("local", "default", "shop")
OTHER = ServiceKey("local", "shop", "other")


def revision(intent: Intent, generation: int = 1, renderer: int = RENDERER) -> Revision:
    """The revision of an intent."""
    return Revision(
        rule_id="a-rule",
        generation=generation,
        intent=intent,
        renderer=renderer,
        documents=documents(intent, generation),
        author="alice",
        created_at=NOON,
    )


def split(generation: int = 1, *names: str, host: str = "", key: ServiceKey = SHOP) -> Revision:
    """All traffic to the first of the names."""
    versions = tuple(Version(name, 0 if at else 10_000) for at, name in enumerate(names or ("v1",)))
    return revision(Intent(key, versions, hosts=(host,) if host else ()), generation)


def placed(version: str) -> tuple[str, ...]:
    """Every version listens here."""
    return (f"127.0.0.1:90{version[-1]}0",)


def moved(revision: Revision) -> Bundle:
    """The revision with all of its versions elsewhere."""
    return bundle(revision, lambda _version: ("127.0.0.1:1",))


def names(catalogue: Catalogue) -> dict[Kind, set[str]]:
    """The names that are desired, by kind."""
    return {kind: set(resources) for kind, resources in catalogue.resources.items()}


def test_a_rule_is_its_versions_its_hosts_and_its_routes() -> None:
    catalogue = Catalogue()

    catalogue.put(bundle(split(1, "v1", "v2", host="www.example.com"), placed))

    assert names(catalogue) == {
        Kind.CLUSTER: {"default/shop/v1", "default/shop/v2"},
        Kind.SCOPE: {
            "shop",
            "shop.default",
            "shop.default.svc.cluster.local",
            "www.example.com",
        },
        Kind.ROUTE: {"default/shop"},
    }


def test_a_new_generation_touches_only_what_differs() -> None:
    catalogue = Catalogue()
    catalogue.put(bundle(split(1, "v1", "v2"), placed))

    touched = catalogue.put(bundle(split(2, "v1"), placed))

    assert touched == {Name(Kind.ROUTE, "default/shop"), Name(Kind.CLUSTER, "default/shop/v2")}


def test_a_refused_revision_gives_way_to_the_last_that_was_taken() -> None:
    catalogue = Catalogue()
    good = bundle(split(1, "v1"), placed)
    catalogue.put(good)
    catalogue.take(SHOP)
    catalogue.put(bundle(split(2, "v1", "v2"), placed))

    catalogue.revert(SHOP)

    assert catalogue.get(SHOP) == good
    assert names(catalogue)[Kind.CLUSTER] == {"default/shop/v1"}


def test_a_revision_that_was_refused_at_first_leaves_nothing() -> None:
    catalogue = Catalogue()
    catalogue.put(bundle(split(), placed))

    catalogue.revert(SHOP)

    assert names(catalogue) == {kind: set() for kind in Kind}
    assert catalogue.owner(Name(Kind.ROUTE, "default/shop")) is None


def test_a_host_belongs_to_one_rule() -> None:
    catalogue = Catalogue()
    catalogue.put(bundle(split(host="www.example.com"), placed))

    with pytest.raises(RefusedError, match=r"host www\.example\.com .* rule of default/shop"):
        catalogue.put(bundle(split(host="www.example.com", key=OTHER), placed))

    assert catalogue.get(OTHER) is None
    assert catalogue.owner(Name(Kind.SCOPE, "www.example.com")) == SHOP


def test_a_host_that_was_given_away_does_not_come_back_with_a_refusal() -> None:
    catalogue = Catalogue()
    catalogue.put(bundle(split(1, host="www.example.com"), placed))
    catalogue.take(SHOP)
    catalogue.put(bundle(split(2), placed))
    catalogue.put(bundle(split(host="www.example.com", key=OTHER), placed))

    catalogue.revert(SHOP)

    assert catalogue.owner(Name(Kind.SCOPE, "www.example.com")) == OTHER
    held = catalogue.get(SHOP)
    assert held is not None
    assert held.generation == 1


def test_new_addresses_touch_only_the_clusters_and_hold_for_what_is_gone_back_to() -> None:
    catalogue = Catalogue()
    catalogue.put(bundle(split(1, "v1"), placed))
    catalogue.take(SHOP)

    touched = catalogue.rebuild(SHOP, moved)
    catalogue.put(bundle(split(2, "v1", "v2"), placed))
    catalogue.revert(SHOP)

    assert touched == {Name(Kind.CLUSTER, "default/shop/v1")}
    assert catalogue.get(SHOP) == moved(split(1, "v1"))


def test_addresses_of_an_unknown_service_touch_nothing() -> None:
    assert Catalogue().rebuild(SHOP, lambda one: bundle(one, placed)) == frozenset()


def test_an_older_rendering_is_kept_as_it_was_recorded() -> None:
    intent = Intent(SHOP, (Version("v1", 7_000), Version("v2", 3_000)))

    now, older = bundle(revision(intent), placed), bundle(revision(intent, renderer=0), placed)

    assert older.resources == now.resources


def test_the_version_of_routes_tells_their_generation() -> None:
    assert generation_of(route_version(split(12))) == 12
    assert generation_of("by-hand") is None


def test_a_cohort_is_counted_under_the_version_it_goes_to() -> None:
    condition = Condition(Source.PATH, Operator.PREFIX, "", "/new")
    cohorts = (Cohort("testers", "v2", (condition,)),)
    intent = Intent(SHOP, (Version("v1", 10_000), Version("v2", 0)), cohorts=cohorts)

    routes = bundle(revision(intent), placed).resources[-1]

    assert b"cohort-testers.v2" in routes.body
