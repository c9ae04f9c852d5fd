"""Regulation profiles: which there are, which one holds where, and from when."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from api.dependencies import DatabaseDep, TodayDep, may
from api.faults import told
from api.schemas.profiles import (
    GRID,
    PATH,
    AdoptionInput,
    AdoptionReport,
    CheckReport,
    DifferenceSchema,
    DocumentInput,
    FaultSchema,
    History,
    OverrideInput,
    ProfileList,
    ProfileSummary,
    RegulationList,
    RegulationSchema,
    RuleList,
    SpellSchema,
    WithdrawalInput,
)
from geo.db.unit_of_work import UnitOfWork
from geo.domain.actors import Action, Actor
from geo.domain.profiles import Profile
from geo.domain.profiles.regulations import Regulation
from geo.errors import ProfileRefused
from geo.services import profile_documents as documents
from geo.services import profiles
from webmap.i18n import Language, Translator
from webmap.pages.profiles import told_differences

router = APIRouter(tags=["profiles"])

READING = [Depends(may(Action.READ_RULES))]
Reader = Annotated[Actor, Depends(may(Action.READ_RULES))]
Ruler = Annotated[Actor, Depends(may(Action.MANAGE_RULES))]
GridCode = Annotated[str | None, Query(min_length=1, max_length=32, description=GRID)]
Path = Annotated[str, Query(min_length=1, max_length=300, description=PATH)]
Day = Annotated[date | None, Query(description="默认今天 · Today without")]


def _example(document: dict[str, Any]) -> dict[int | str, dict[str, Any]]:
    return {200: {"content": {"application/json": {"example": document}}}}


@router.get(
    "/profiles",
    dependencies=READING,
    operation_id="list_profiles",
    summary="制度方案 · Regulation profiles",
)
def list_profiles() -> ProfileList:
    """Give the profiles that come with the product."""
    shipped = documents.shipped_profiles().values()
    return ProfileList(profiles=[ProfileSummary.of(profile) for profile in shipped])


@router.get(
    "/profiles/schema",
    dependencies=READING,
    operation_id="read_profile_schema",
    summary="方案格式 · Schema of profiles",
    responses=_example({"title": "Profile", "type": "object"}),
)
def read_profile_schema() -> dict[str, Any]:
    """Give the JSON Schema of profiles, for editors that complete and check them."""
    return documents.schema()


@router.post(
    "/profiles/check",
    dependencies=READING,
    operation_id="check_profile",
    summary="检查方案 · Check a document",
)
def check_profile(given: DocumentInput) -> CheckReport:
    """Give what is the matter with a document; nothing is kept."""
    try:
        profile = documents.read_yaml(given.document)
    except ProfileRefused as refused:
        return CheckReport(
            profile=None, faults=[FaultSchema(**told(one)) for one in refused.fields["faults"]]
        )
    return CheckReport(profile=ProfileSummary.of(profile), faults=[])


@router.get(
    "/profiles/{key}",
    dependencies=READING,
    operation_id="read_profile",
    summary="方案内容 · One profile",
    responses=_example({"key": "food-drug", "version": 1}),
)
def read_profile(key: str) -> dict[str, Any]:
    """Give the whole document of a profile that comes with the product."""
    return documents.document_of(documents.shipped_profile(key))


@router.get(
    "/rules", operation_id="list_rules", summary="现行制度 · The rules that hold", responses={404: {}}
)
def list_rules(
    actor: Reader, database: DatabaseDep, today: TodayDep, grid: GridCode = None, at: Day = None
) -> RuleList:
    """Give the rules that hold in a grid on a day, with from when each value holds and the clause quoted."""
    day = at or today
    with database.read() as uow:
        profile = profiles.ruling(actor, uow, grid, day)
        return RuleList.of(profile, profiles.rules_on(actor, uow, grid, day))


@router.get(
    "/rules/history",
    operation_id="read_rule_history",
    summary="数值沿革 · History of a value",
    responses={404: {}},
)
def read_rule_history(actor: Reader, database: DatabaseDep, path: Path, grid: GridCode = None) -> History:
    """Give the values that stood and are going to stand at a path, the earliest first."""
    with database.read() as uow:
        found = profiles.history(actor, uow, path, grid)
    return History(path=path, spells=[SpellSchema.of(spell) for spell in found])


@router.get("/rules/regulations", operation_id="list_regulations", summary="采用记录 · Regulations")
def list_regulations(actor: Reader, database: DatabaseDep) -> RegulationList:
    """Give what was adopted and changed, by first day."""
    with database.read() as uow:
        found = profiles.list_regulations(actor, uow)
    return RegulationList(regulations=[RegulationSchema.of(one) for one in found])


@router.post("/rules/regulations", operation_id="adopt_profile", summary="采用方案 · Adopt a profile")
def adopt_profile(actor: Ruler, given: AdoptionInput, database: DatabaseDep) -> AdoptionReport:
    """Let a profile hold from a day on; without ``commit`` only tell what would be different."""
    if given.document is None:
        profile = documents.shipped_profile(str(given.profile))
    else:
        profile = documents.read_yaml(given.document)
    where: Any = {"grid_code": given.grid, "valid_from": given.valid_from}
    with database.write() as uow:
        found = _differences(actor, uow, profile, **where)
        kept = profiles.adopt(actor, uow, profile, **where) if given.commit else None
    return _report(kept, found)


@router.post("/rules/values", operation_id="override_value", summary="调整数值 · Set a single value")
def override_value(actor: Ruler, given: OverrideInput, database: DatabaseDep) -> AdoptionReport:
    """Let another value hold from a day on; without ``commit`` only tell what would be different."""
    where: Any = {"grid_code": given.grid, "valid_from": given.valid_from}
    with database.write() as uow:
        profile = profiles.overridden(actor, uow, given.path, given.value, **where)
        found = _differences(actor, uow, profile, **where)
        kept = profiles.override(actor, uow, given.path, given.value, **where) if given.commit else None
    return _report(kept, found)


@router.post(
    "/rules/withdrawals",
    operation_id="withdraw_rules",
    summary="恢复上级制度 · Back to the rules above",
    responses={404: {}},
)
def withdraw_rules(actor: Ruler, given: WithdrawalInput, database: DatabaseDep) -> AdoptionReport:
    """Let what holds above a grid hold in it again; without ``commit`` only tell what would be different."""
    where: Any = {"grid_code": given.grid, "valid_from": given.valid_from}
    with database.write() as uow:
        profile = profiles.inherited(actor, uow, **where)
        found = _differences(actor, uow, profile, **where)
        kept = profiles.withdraw(actor, uow, **where) if given.commit else None
    return _report(kept, found)


def _report(kept: Regulation | None, found: list[DifferenceSchema]) -> AdoptionReport:
    return AdoptionReport(
        regulation=None if kept is None else RegulationSchema.of(kept),
        differences=found,
    )


def _differences(
    actor: Actor, uow: UnitOfWork, profile: Profile, *, grid_code: str | None, valid_from: date
) -> list[DifferenceSchema]:
    """Give what would be different from what holds, each value in both languages too."""
    found = profiles.differences(actor, uow, profile, grid_code=grid_code, valid_from=valid_from)
    present = profiles.ruling(actor, uow, grid_code, valid_from)
    english, chinese = (
        told_differences(Translator(language), present, profile)
        for language in (Language.ENGLISH, Language.CHINESE)
    )
    return [
        DifferenceSchema(
            path=one.path,
            before=one.before,
            after=one.after,
            told=english.get(one.path),
            told_zh=chinese.get(one.path),
        )
        for one in found
    ]
