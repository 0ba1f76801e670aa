"""What an Envoy is sent, and when: make before break, whatever it answers."""

from collections.abc import Iterable

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from crossfade.adapters.envoy.resources import Kind, Name, Resource
from crossfade.adapters.envoy.stream import Answer, Heard, Refusal, Said, Stream

CLUSTER, SCOPE, ROUTE = Kind.CLUSTER, Kind.SCOPE, Kind.ROUTE


class World:
    """What is desired, and one Envoy's stream."""

    def __init__(self) -> None:
        self.desired: dict[Kind, dict[str, Resource]] = {kind: {} for kind in Kind}
        self.stream = Stream()

    def put(self, kind: Kind, name: str, version: str = "1", body: bytes = b"") -> Resource:
        """Make a resource desired."""
        resource = Resource(Name(kind, name), version, body)
        self.desired[kind][name] = resource
        self.stream.touch([resource.name])
        return resource

    def drop(self, kind: Kind, name: str) -> None:
        """Make a resource undesired."""
        if self.desired[kind].pop(name, None):
            self.stream.touch([Name(kind, name)])

    def ask(self, kind: Kind, *names: str, **holds: str) -> list[Said]:
        """Let the Envoy ask for names, or for everything, and say what it holds."""
        return self.hear(Heard(kind=kind, subscribe=names or ("*",), holds=holds))

    def hear(self, heard: Heard) -> list[Said]:
        """What the Envoy's words bring it."""
        self.stream.hear(heard)
        return self.due()

    def due(self) -> list[Said]:
        """What the Envoy is sent now."""
        return list(self.stream.due(self.desired))

    def take(self, *said: Said) -> list[Said]:
        """Let the Envoy take what it was sent."""
        for one in said:
            self.stream.hear(Heard(kind=one.kind, nonce=one.nonce))
        return self.due()

    def refuse(self, said: Said, reason: str = "no") -> Answer:
        """Let the Envoy refuse what it was sent."""
        return self.stream.hear(Heard(kind=said.kind, nonce=said.nonce, complaint=reason))


def sent(said: Iterable[Said]) -> list[tuple[Kind, list[str], list[str]]]:
    """The kinds, names and gone names of what was sent."""
    return [(one.kind, [r.name.text for r in one.resources], list(one.gone)) for one in said]


def connected(*names: str) -> World:
    """An Envoy that has asked for everything, and holds nothing yet."""
    world = World()
    world.take(*world.ask(CLUSTER))
    world.take(*world.ask(SCOPE))
    world.take(*world.ask(ROUTE, *names))
    return world


def test_the_first_question_is_answered_even_when_there_is_nothing() -> None:
    world = World()

    assert sent(world.ask(CLUSTER)) == [(CLUSTER, [], [])]
    assert sent(world.hear(Heard(kind=CLUSTER))) == []


def test_a_first_question_without_names_asks_for_everything() -> None:
    world = World()
    world.put(CLUSTER, "a")

    assert sent(world.hear(Heard(kind=CLUSTER))) == [(CLUSTER, ["a"], [])]


def test_routes_are_sent_to_those_who_ask_for_them_by_name() -> None:
    world = connected("mine")
    world.put(ROUTE, "mine")
    world.put(ROUTE, "other")

    assert sent(world.due()) == [(ROUTE, ["mine"], [])]


def test_a_route_that_is_not_there_is_said_to_be_gone() -> None:
    assert sent(connected().ask(ROUTE, "nothing")) == [(ROUTE, [], ["nothing"])]


def test_routes_wait_until_clusters_were_asked_for_and_taken() -> None:
    world = World()
    world.put(CLUSTER, "a")
    world.put(ROUTE, "r")

    assert sent(world.ask(ROUTE, "r")) == []
    clusters = world.ask(CLUSTER)
    assert sent(clusters) == [(CLUSTER, ["a"], [])]
    assert sent(world.take(*clusters)) == [(ROUTE, ["r"], [])]


def test_routes_that_change_while_others_are_being_sent_wait_for_their_clusters() -> None:
    world = connected("r", "s")
    world.put(SCOPE, "host")
    world.put(ROUTE, "r", "1")

    said = iter(world.stream.due(world.desired))
    assert sent([next(said)]) == [(SCOPE, ["host"], [])]
    world.put(CLUSTER, "new")
    world.put(ROUTE, "s", "1")

    assert sent(said) == [(ROUTE, ["r"], [])]
    assert sent(world.due()) == [(CLUSTER, ["new"], [])]


def test_clusters_go_when_the_routes_without_them_are_taken() -> None:
    world = connected("r")
    world.put(CLUSTER, "old")
    world.put(ROUTE, "r", "1")
    world.take(*world.take(*world.due()))

    world.drop(CLUSTER, "old")
    world.put(ROUTE, "r", "2")
    routes = world.due()

    assert sent(routes) == [(ROUTE, ["r"], [])]
    assert sent(world.take(*routes)) == [(CLUSTER, [], ["old"])]


def test_only_what_has_changed_is_sent() -> None:
    world = connected("r", "s")
    world.put(ROUTE, "r", "1")
    world.put(ROUTE, "s", "1")
    world.take(*world.due())

    world.put(ROUTE, "r", "2")
    world.put(ROUTE, "s", "1")

    assert sent(world.due()) == [(ROUTE, ["r"], [])]


def test_a_refusal_names_the_resource_and_the_reason_and_is_not_repeated() -> None:
    world = connected("r")
    bad = world.put(ROUTE, "r")
    (said,) = world.due()

    assert world.refuse(said, "too odd").refused == (Refusal(bad, "too odd"),)
    assert world.due() == []
    assert not world.stream.holds(bad)


def test_what_was_refused_is_sent_again_when_it_is_wanted_again() -> None:
    world = connected("r")
    world.put(ROUTE, "r")
    world.refuse(world.due()[0])

    world.put(ROUTE, "r")

    assert sent(world.due()) == [(ROUTE, ["r"], [])]


def test_the_culprit_in_a_refused_batch_is_found_by_sending_each_alone() -> None:
    world = connected()
    good, bad = world.put(CLUSTER, "good"), world.put(CLUSTER, "worse")
    (batch,) = world.due()

    assert world.refuse(batch) == Answer()
    alone = world.due()
    assert sent(alone) == [(CLUSTER, ["good"], []), (CLUSTER, ["worse"], [])]
    world.take(alone[0])
    assert world.refuse(alone[1]).refused == (Refusal(bad, "no"),)
    assert world.stream.holds(good)


def test_after_a_refusal_an_envoy_is_known_to_hold_what_it_had() -> None:
    world = connected("r")
    had = world.put(ROUTE, "r", "1")
    world.take(*world.due())
    world.put(ROUTE, "r", "2")
    world.refuse(world.due()[0])

    world.put(ROUTE, "r", "1")

    assert world.due() == []
    assert world.stream.holds(had)


def test_an_old_refusal_does_not_touch_what_is_on_its_way() -> None:
    world = connected("r")
    world.put(ROUTE, "r", "1")
    (first,) = world.due()
    newer = world.put(ROUTE, "r", "2")
    (second,) = world.due()

    world.refuse(first)

    assert world.take(second) == []
    assert world.stream.holds(newer)


def test_an_envoy_that_comes_back_is_sent_only_what_it_lacks() -> None:
    world = World()
    world.put(CLUSTER, "same", "1")
    world.put(CLUSTER, "changed", "2")
    world.put(CLUSTER, "fresh", "1")

    clusters = world.ask(CLUSTER, same="1", changed="1", stale="1")

    assert sent(clusters) == [(CLUSTER, ["changed", "fresh"], [])]
    assert sent(world.take(*clusters)) == []
    scopes = world.ask(SCOPE)
    assert sent(world.take(*scopes)) == [(CLUSTER, [], ["stale"])]
    assert world.stream.holds(world.desired[CLUSTER]["same"])


def test_nothing_is_known_to_be_missing_before_an_envoy_has_settled() -> None:
    world = World()
    assert not world.stream.settled
    clusters = world.ask(CLUSTER)
    assert not world.stream.settled
    world.take(*clusters)
    assert not world.stream.settled
    world.stream.hear(Heard(kind=SCOPE, subscribe=("*",), holds={"stale": "1"}))
    assert not world.stream.settled
    scopes = world.due()
    assert not world.stream.settled
    world.take(*scopes)
    assert world.stream.settled


def test_an_envoy_that_has_settled_stays_so() -> None:
    world = connected("r")
    assert world.stream.settled

    world.put(ROUTE, "r")

    assert world.due()
    assert world.stream.settled


def test_what_an_envoy_no_longer_wants_is_forgotten() -> None:
    world = connected("r")
    route = world.put(ROUTE, "r")
    world.take(*world.due())

    world.hear(Heard(kind=ROUTE, unsubscribe=("r",)))

    assert not world.stream.knows(route.name)
    assert sent(world.ask(ROUTE, "r")) == [(ROUTE, ["r"], [])]


def test_a_removal_in_a_refused_batch_is_said_again() -> None:
    world = connected()
    world.put(SCOPE, "old")
    world.take(*world.due())
    world.drop(SCOPE, "old")
    world.put(SCOPE, "bad")
    (batch,) = world.due()

    world.refuse(batch)

    assert sent(world.due()) == [(SCOPE, [], ["old"])]


def test_a_word_about_nothing_that_was_sent_changes_nothing() -> None:
    world = connected("r")

    assert world.stream.hear(Heard(kind=ROUTE, nonce="stranger")) == Answer()
    assert world.due() == []


class Conversation(RuleBasedStateMachine):
    """Desires change; an Envoy answers late, refuses many, leaves and returns, in any order."""

    services = st.sampled_from(("a", "b", "c"))
    arms = st.sets(st.sampled_from(("1", "2", "3")), min_size=1)

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.versions = 0
        self.held: dict[Kind, dict[str, Resource]] = {kind: {} for kind in Kind}
        self.wanted: set[str] = set()
        self.inbox: list[Said] = []

    @initialize()
    def connect(self) -> None:
        """The Envoy asks for everything, and says what it holds."""
        self.world.stream = Stream()
        self.inbox = []
        for kind, names in ((CLUSTER, {"*"}), (SCOPE, {"*"}), (ROUTE, self.wanted)):
            holds = {name: resource.version for name, resource in self.held[kind].items()}
            self.tell(Heard(kind=kind, subscribe=tuple(names), holds=holds))

    @rule(service=services, arms=arms)
    def want(self, service: str, arms: set[str]) -> None:
        """A rule is deployed with these versions."""
        self.versions += 1
        names = {f"{service}/{arm}" for arm in arms}
        self.forget_clusters(service, names)
        for name in names:
            self.world.put(CLUSTER, name)
        self.world.put(SCOPE, service)
        self.world.put(ROUTE, service, str(self.versions), ",".join(sorted(names)).encode())
        self.listen()

    @rule(service=services)
    def leave(self, service: str) -> None:
        """A rule is removed."""
        self.forget_clusters(service, set())
        self.world.drop(SCOPE, service)
        self.world.drop(ROUTE, service)
        self.listen()

    @precondition(lambda self: self.inbox)
    @rule()
    def take(self) -> None:
        """The Envoy takes the oldest thing that it was sent."""
        said = self.inbox.pop(0)
        held = self.held[said.kind]
        held.update({resource.name.text: resource for resource in said.resources})
        for name in said.gone:
            held.pop(name, None)
        self.tell(Heard(kind=said.kind, nonce=said.nonce))
        if said.kind is SCOPE:
            self.follow_scopes()

    @precondition(lambda self: self.inbox and len(self.inbox[0].resources) > 1)
    @rule()
    def refuse_many(self) -> None:
        """The Envoy refuses many at once, without saying which of them it means."""
        said = self.inbox.pop(0)
        self.tell(Heard(kind=said.kind, nonce=said.nonce, complaint="one of them is bad"))

    @rule()
    def reconnect(self) -> None:
        """The connection breaks; the Envoy keeps what it holds."""
        self.connect()

    @rule()
    def begin_anew(self) -> None:
        """The Envoy is killed, and starts with nothing."""
        self.held = {kind: {} for kind in Kind}
        self.wanted = set()
        self.connect()

    @invariant()
    def no_route_leads_nowhere(self) -> None:
        """Every cluster of every route that the Envoy holds is held too."""
        for route in self.held[ROUTE].values():
            assert set(route.body.decode().split(",")) <= self.held[CLUSTER].keys()

    def teardown(self) -> None:
        """In the end the Envoy holds exactly what is desired."""
        for _ in range(1_000):
            if not self.inbox:
                break
            self.take()
        assert not self.inbox
        assert self.held[CLUSTER] == self.world.desired[CLUSTER]
        assert self.held[SCOPE] == self.world.desired[SCOPE]
        assert self.held[ROUTE] == self.world.desired[ROUTE]

    def forget_clusters(self, service: str, kept: set[str]) -> None:
        """Clusters of the service that are not kept are desired no longer."""
        for name in [*self.world.desired[CLUSTER]]:
            if name.startswith(f"{service}/") and name not in kept:
                self.world.drop(CLUSTER, name)

    def follow_scopes(self) -> None:
        """The Envoy asks for the routes of its scopes, and lets go of others."""
        scopes = set(self.held[SCOPE])
        new, old = scopes - self.wanted, self.wanted - scopes
        self.wanted = scopes
        for name in old:
            self.held[ROUTE].pop(name, None)
        if new or old:
            self.tell(Heard(kind=ROUTE, subscribe=tuple(new), unsubscribe=tuple(old)))

    def tell(self, heard: Heard) -> None:
        """Say something to the server."""
        self.world.stream.hear(heard)
        self.listen()

    def listen(self) -> None:
        """Receive what the server has to say."""
        self.inbox += self.world.due()


Conversation.TestCase.settings = settings(max_examples=100, stateful_step_count=40)
TestConversation = Conversation.TestCase
