"""Everything Envoy should hold, by rule, with the last that it took for when it refuses."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from crossfade.adapters.envoy.resources import Kind, Name, Resource
from crossfade.domain.errors import RefusedError
from crossfade.domain.names import ServiceKey
from crossfade.domain.revision import Revision


@dataclass(frozen=True, slots=True)
class Bundle:
    """Everything Envoy must hold so that one revision is true."""

    revision: Revision
    resources: tuple[Resource, ...]

    @property
    def key(self) -> ServiceKey:
        """The service it is for."""
        return self.revision.key

    @property
    def generation(self) -> int:
        """The generation of its revision."""
        return self.revision.generation


Touched = frozenset[Name]


class Catalogue:
    """The bundles that should be true now, and what they are made of."""

    def __init__(self) -> None:
        self._desired: dict[ServiceKey, Bundle] = {}
        self._taken: dict[ServiceKey, Bundle] = {}
        self._owners: dict[Name, ServiceKey] = {}
        self._resources: dict[Kind, dict[str, Resource]] = {kind: {} for kind in Kind}

    @property
    def resources(self) -> Mapping[Kind, Mapping[str, Resource]]:
        """Every resource that Envoy should hold, by kind and name."""
        return self._resources

    def __iter__(self) -> Iterator[Bundle]:
        return iter(tuple(self._desired.values()))

    def get(self, key: ServiceKey) -> Bundle | None:
        """What should be true for a service."""
        return self._desired.get(key)

    def owner(self, name: Name) -> ServiceKey | None:
        """The service that a resource is for."""
        return self._owners.get(name)

    def put(self, bundle: Bundle) -> Touched:
        """Make a bundle desired; RefusedError where a host already belongs to another rule."""
        for resource in bundle.resources:
            owner = self._owners.get(resource.name, bundle.key)
            if owner != bundle.key:
                raise RefusedError(f"{resource.name} already belongs to the rule of {owner}.")
        return self._replace(bundle.key, bundle)

    def drop(self, key: ServiceKey) -> Touched:
        """Nothing should be true for the service any more."""
        self._taken.pop(key, None)
        return self._replace(key, None)

    def take(self, key: ServiceKey) -> None:
        """Remember that Envoy has taken what is desired for the service."""
        if bundle := self._desired.get(key):
            self._taken[key] = bundle

    def revert(self, key: ServiceKey) -> Touched:
        """Go back to what Envoy last took for the service; to nothing where it never took any.

        A host that another rule has claimed since stays with that rule.
        """
        taken = self._taken.get(key)
        if taken is None:
            return self._replace(key, None)
        ours = tuple(part for part in taken.resources if self._owners.get(part.name, key) == key)
        return self._replace(key, Bundle(taken.revision, ours))

    def rebuild(self, key: ServiceKey, build: Callable[[Revision], Bundle]) -> Touched:
        """Make the service's bundles anew, from the same revisions."""
        if bundle := self._taken.get(key):
            self._taken[key] = build(bundle.revision)
        desired = self._desired.get(key)
        return self._replace(key, build(desired.revision)) if desired else frozenset()

    def _replace(self, key: ServiceKey, bundle: Bundle | None) -> Touched:
        old = self._desired.pop(key, None)
        before = {resource.name: resource for resource in old.resources} if old else {}
        after = {resource.name: resource for resource in bundle.resources} if bundle else {}
        for name in before.keys() - after.keys():
            del self._owners[name]
            del self._resources[name.kind][name.text]
        for name, resource in after.items():
            self._owners[name] = key
            self._resources[name.kind][name.text] = resource
        if bundle:
            self._desired[key] = bundle
        names = before.keys() | after.keys()
        return frozenset(name for name in names if before.get(name) != after.get(name))
