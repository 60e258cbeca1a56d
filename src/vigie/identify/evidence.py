"""Evidence: each piece has a name, a weight and words in both languages; their sum gives the category.

Positive weights speak for a flight that is known and may be here, negative ones against. Nothing here says hostile:
that is a person's decision. The steps after loss of communication follow the publicly agreed criteria of the
implementing arrangement between Austria and Switzerland on non-military air threats (2019), annex 4.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

PENDING, UNKNOWN, ASSUMED_FRIEND, FRIEND, NEUTRAL, SUSPECT, HOSTILE = range(7)

WORDS: Final[dict[str, tuple[float, str, str]]] = {
    "known_friend": (6.0, "on the list of friends", "sur la liste des amis"),
    "known_assumed": (3.0, "on the list of assumed friends", "sur la liste des présumés amis"),
    "known_own": (2.5, "aircraft of the own state", "aéronef de l'État"),
    "known_neutral": (1.0, "on the list of neutrals", "sur la liste des neutres"),
    "known_suspect": (-5.0, "on the list of suspects", "sur la liste des suspects"),
    "known_watched": (-2.0, "on the watch list", "sur la liste de surveillance"),
    "plan": (2.5, "flight plan fits", "plan de vol concordant"),
    "permit": (2.0, "permit fits", "autorisation concordante"),
    "code_due": (1.0, "sends the code assigned", "émet le code attribué"),
    "code_other": (-0.5, "sends another code than assigned", "émet un autre code que celui attribué"),
    "on_route": (0.5, "keeps to its route", "suit sa route"),
    "own_block": (1.0, "address of the own state", "adresse de l'État"),
    "military_block": (-0.5, "address of a foreign military block", "adresse d'un bloc militaire étranger"),
    "civil_address": (0.5, "address of a state's block", "adresse d'un bloc d'État"),
    "no_state": (-0.5, "address that no state has", "adresse d'aucun État"),
    "neighbour": (0.5, "a neighbour tracks it too", "suivi aussi par un voisin"),
    "observer": (0.3, "reported by observers", "signalé par des observateurs"),
    "ambiguous": (-0.2, "several plans fit, none is coupled", "plusieurs plans concordent, aucun n'est couplé"),
    "no_plan": (-0.8, "no plan, no permit", "ni plan ni autorisation"),
    "no_answer": (-1.0, "answers no interrogation", "ne répond à aucune interrogation"),
    "off_route": (-1.5, "off its route", "hors de sa route"),
    "off_level": (-0.5, "off its level", "hors de son niveau"),
    "transponder_off": (-2.0, "switched its transponder off", "a coupé son transpondeur"),
    "apw_intrusion": (-1.0, "in an area without leave", "dans une zone sans autorisation"),
    "low_slow": (-1.0, "flies low and slow", "vole bas et lentement"),
    "loitering": (-0.7, "loiters", "rôde sur place"),
    "site_approach": (-1.0, "approaches a protected site", "s'approche d'un site protégé"),
    "hijack": (-3.0, "sends 7500", "émet 7500"),
    "comloss": (-0.5, "no radio contact", "pas de contact radio"),
    "contradicted": (-3.0, "what it states is contradicted", "ses déclarations sont contredites"),
}
"""Name -> weight, English, French. The names of behaviour are those of the watch's rules."""

BEHAVIOUR: Final = (
    "off_route", "off_level", "transponder_off", "apw_intrusion", "low_slow", "loitering", "site_approach"
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How a centre names what the evidence says. ``used``: categories in use; ``weights`` replace the usual ones."""

    used: frozenset[int] = frozenset(range(7))
    civil: bool = False
    pending_s: float = 15.0
    friend: float = 6.0
    assumed_friend: float = 2.5
    neutral: float = 1.0
    suspect: float = -3.0
    margin: float = 0.5
    """A category is left only when its limit is passed by this much."""
    weights: dict[str, float] = field(default_factory=dict)
    own_state: str = ""

    def weight(self, name: str) -> float:
        """Return what a piece of evidence weighs here."""
        return self.weights.get(name, WORDS[name][0])


CIVIL_EN: Final = ("being identified", "unidentified", "presumed known", "known", "other", "irregular", "dangerous")
CIVIL_FR: Final = ("en cours", "non identifié", "présumé connu", "connu", "autre", "irrégulier", "dangereux")
MILITARY_EN: Final = ("pending", "unknown", "assumed friend", "friend", "neutral", "suspect", "hostile")
MILITARY_FR: Final = ("en attente", "inconnu", "présumé ami", "ami", "neutre", "suspect", "hostile")


def category_words(policy: Policy) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the English and French names of the categories as the centre wants them."""
    return (CIVIL_EN, CIVIL_FR) if policy.civil else (MILITARY_EN, MILITARY_FR)


def judge(policy: Policy, names: tuple[str, ...], before: int, age_s: float) -> tuple[int, float, float]:
    """Return category, confidence (0 to 1) and score of the evidence; ``before`` is kept within the margin."""
    score = sum(policy.weight(name) for name in names)
    limits = ((policy.friend, FRIEND), (policy.assumed_friend, ASSUMED_FRIEND), (policy.neutral, NEUTRAL))
    if not names and age_s < policy.pending_s:
        return _used(policy, PENDING), 0.0, score
    category = UNKNOWN
    for limit, above in limits:
        held = before == above
        if score >= limit - (policy.margin if held else 0.0):
            category = above
            break
    if score <= policy.suspect + (policy.margin if before == SUSPECT else 0.0):
        category = SUSPECT
    if category != SUSPECT and age_s < policy.pending_s and category == UNKNOWN:
        category = PENDING
    nearest = min(
        abs(score - limit) for limit in (policy.friend, policy.assumed_friend, policy.neutral, policy.suspect)
    )
    return _used(policy, category), 1.0 - 0.5 ** (nearest + 0.2), score


_FALLBACK: Final = {FRIEND: ASSUMED_FRIEND, ASSUMED_FRIEND: NEUTRAL, NEUTRAL: UNKNOWN, SUSPECT: UNKNOWN,
                    HOSTILE: SUSPECT, PENDING: UNKNOWN}  # fmt: skip


def _used(policy: Policy, category: int) -> int:
    """Return the category, or the next more careful one that the centre uses."""
    while category not in policy.used and category in _FALLBACK:
        category = _FALLBACK[category]
    return category


def words(policy: Policy, names: tuple[str, ...]) -> tuple[str, str]:
    """Return the evidence in English and French words, the weightiest first, each with its weight."""
    order = sorted(names, key=lambda name: (-abs(policy.weight(name)), name))
    signed = [(f"{policy.weight(n):+.1f}", WORDS[n][1], WORDS[n][2]) for n in order]
    return "; ".join(f"{en} ({w})" for w, en, _ in signed), " ; ".join(f"{fr} ({w})" for w, _, fr in signed)


NONE, COMLOSS, SUSPECTED, PROBABLE, CONFIRMED = range(5)


def comloss_step(*, radio: str, code_7600: bool, code_7500: bool, behaviour: frozenset[str]) -> int:
    """Return the step of loss of communication.

    1: contact lost, or 7600. 2 (suspected): two or more of: off the route; not as instructed (level); contact lost
    without a reason; transponder not as instructed. 3 (probable): suspected, and it resists instructions (a person
    says so). 4 (confirmed): an authority says so. ``radio``: "", lost, refuses, confirmed.
    """
    if radio == "confirmed":
        return CONFIRMED
    lost = radio in ("lost", "refuses") or code_7600
    criteria = [
        "off_route" in behaviour, "off_level" in behaviour or radio == "refuses", lost and not code_7600,
        "transponder_off" in behaviour or code_7500,
    ]  # fmt: skip
    if sum(criteria) >= 2:
        return PROBABLE if radio == "refuses" else SUSPECTED
    return COMLOSS if lost else NONE
