"""What every page stands in: its language, its reader, its address, and the one Jinja environment."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from geo.domain.actors import ANONYMOUS, Action, Actor
from geo.domain.generations import Generation
from geo.errors import Forbidden, Unauthenticated
from webmap.i18n import Language, Translator
from webmap.templating import environment

NAVIGATION = (
    ("coverage", "/maps/coverage", Action.READ_MEASURES),
    ("duties", "/maps/duties", Action.READ_MEASURES),
    ("hotspots", "/maps/hotspots", Action.READ_MEASURES),
    ("issues", "/maps/issues", Action.READ_MEASURES),
    ("issue_list", "/issues", Action.READ_ISSUES),
    ("inspections", "/inspections", Action.READ_INSPECTIONS),
    ("todo", "/todo", Action.READ_PATROLS),
    ("activities", "/activities/new", Action.WRITE_ACTIVITIES),
    ("draws", "/draws", Action.READ_DRAWS),
    ("suspicions", "/suspicions", Action.READ_SUSPICIONS),
    ("key_people", "/key-people", Action.READ_KEY_PEOPLE),
    ("posts", "/maps/posts", Action.READ_PEOPLE),
    ("locate", "/locate", Action.LOCATE),
    ("statistics", "/statistics", Action.READ_MEASURES),
    ("assessment", "/assessment", Action.READ_ASSESSMENTS),
    ("rules", "/rules", Action.READ_RULES),
    ("workbench", "/workbench", Action.READ_PLANS),
    ("imports", "/imports", Action.IMPORT_DIVISION),
    ("accounts", "/accounts", Action.MANAGE_ACCOUNTS),
    ("audit", "/audit", Action.READ_AUDIT),
    ("jobs", "/jobs", Action.READ_JOBS),
)
"""Key, address and needed right of what the header leads to."""

GROUPS = (
    ("maps", ("coverage", "duties", "hotspots", "issues", "posts")),
    ("work", ("todo", "activities", "inspections", "issue_list", "draws", "suspicions", "key_people")),
    ("books", ("statistics", "assessment", "rules")),
    ("administration", ("imports", "accounts", "audit", "jobs")),
)
"""What stands together under one heading; the rest stands by itself."""

Way = tuple[str, str]
"""Key and address of a page."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What a page is told about the request for it.

    Attributes
    ----------
    language : Language
        In which the page speaks.
    timezone : str
        IANA name of the zone in which it tells times.
    path, query : str
        The address of the page; the query without its question mark.
    nonce : str
        Which styles and scripts the Content-Security-Policy of this answer allows.
    actor : Actor
        Who reads.
    csrf_token : str or None
        What forms of a signed-in reader must send back.
    generation : Generation or None
        The division in force, None while there is none.
    """

    language: Language
    timezone: str
    path: str
    query: str
    nonce: str
    actor: Actor = ANONYMOUS
    csrf_token: str | None = None
    generation: Generation | None = None

    @property
    def translator(self) -> Translator:
        """The words of this page."""
        return Translator(self.language, self.timezone)

    @property
    def is_signed_in(self) -> bool:
        """Whether the reader has an account."""
        return self.actor != ANONYMOUS

    @property
    def sign_in(self) -> str:
        """The address of the sign-in page that leads back here."""
        return f"/login?{urlencode({'next': self.address})}"

    @property
    def roles(self) -> str:
        """The words for the roles of the reader."""
        held = sorted({grant.role for grant in self.actor.grants})
        return self.translator.text("list.separator").join(
            self.translator.text(f"role.{role}") for role in held
        )

    @property
    def address(self) -> str:
        """The path with its query, without the wish for a language."""
        return self.path + (f"?{query}" if (query := urlencode(self._parameters())) else "")

    def may(self, action: Action) -> bool:
        """Tell whether the reader may take an action anywhere.

        Parameters
        ----------
        action : Action
            What a link or a button would do.
        """
        try:
            self.actor.jurisdiction(action)
        except (Unauthenticated, Forbidden):
            return False
        return True

    def in_language(self, language: Language) -> str:
        """Give the address of this page in a language, all its choices kept.

        Parameters
        ----------
        language : Language
            The other language.
        """
        return f"{self.path}?{urlencode([*self._parameters(), ('lang', language.value)])}"

    def navigation(self) -> list[Way]:
        """Give key and address of what the reader may go to."""
        return [(key, address) for key, address, action in NAVIGATION if self.may(action)]

    def menus(self) -> list[tuple[str, list[Way]]]:
        """Give what the reader may go to, by the heading that it stands under; a single way is its own."""
        ways = dict(self.navigation())
        grouped = {key for _, keys in GROUPS for key in keys}
        menus = [(group, [(key, ways[key]) for key in keys if key in ways]) for group, keys in GROUPS]
        return [(group, found) for group, found in menus if found] + [
            (key, [(key, address)]) for key, address in ways.items() if key not in grouped
        ]

    def _parameters(self) -> list[tuple[str, str]]:
        return [
            (name, value) for name, value in parse_qsl(self.query, keep_blank_values=True) if name != "lang"
        ]


def render(template: str, frame: Frame, **values: object) -> str:
    """Give a page as HTML in which every value is text.

    Parameters
    ----------
    template : str
        Name of the template.
    frame : Frame
        What the page stands in.
    **values : object
        What it shows.

    Returns
    -------
    str
        A whole document.
    """
    translator = frame.translator
    page = environment().get_template(template)
    return page.render(frame=frame, t=translator, _=translator.text, **values)
