"""What happens to issues between their stages: levels, people, waiting, feedback, duplicates, cases."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response

from api.dependencies import DatabaseDep, Id, NowDep, TodayDep, may
from api.frames import FrameDep
from api.parameters import RevisionDep
from api.routes.issues import answered
from api.schemas.geojson import Feature
from api.schemas.issue_flow import (
    CaseKept,
    DuplicatePair,
    Feedback,
    Flow,
    HandingOn,
    Merge,
    Outcome,
    PersonNamed,
    Reason,
    ReporterCode,
    ReporterGiven,
    ReporterKept,
    ServiceRequest,
    Transfer,
    UntoldStage,
)
from api.schemas.issues import IssueProperties
from geo.domain.actors import Action, Actor
from geo.domain.issue_cases import Reporter
from geo.domain.issue_open311 import service_request
from geo.services import issue_cases, issue_flow, issue_results, issue_views, photos
from geo.services.issues import ISSUES
from geo.services.privacy import Veils
from webmap.pages.issue_forms import transfer_form

router = APIRouter(tags=["issues"])

Reader = Annotated[Actor, Depends(may(Action.READ_ISSUES))]
Writer = Annotated[Actor, Depends(may(Action.WRITE_ISSUES))]
Answer = Feature[IssueProperties]


@router.get("/issue-duplicates", operation_id="list_duplicates", summary="疑似重复问题 · Likely duplicates")
def list_duplicates(actor: Reader, database: DatabaseDep, now: NowDep) -> list[DuplicatePair]:
    """Give pairs of unresolved issues of one category near each other, the nearest first."""
    with database.read() as uow:
        return [
            DuplicatePair.model_validate(pair)
            for pair in issue_flow.duplicates(actor, uow, key=None, now=now)
        ]


@router.get(
    "/issue-feedback",
    operation_id="list_untold_stages",
    summary="应反馈未反馈的阶段 · Stages that reporters were not told of",
)
def list_untold_stages(actor: Reader, database: DatabaseDep, now: NowDep) -> list[UntoldStage]:
    """Give the stages of which reporters were not told although their issue takes longer than it may."""
    with database.read() as uow:
        return list(map(UntoldStage.model_validate, issue_flow.untold_stages(actor, uow, now)))


@router.get("/issues/{issue_id}/flow", operation_id="read_flow", summary="问题流程 · Where an issue stands")
def read_flow(actor: Reader, database: DatabaseDep, now: NowDep, issue_id: Id) -> Flow:
    """Give kind, level, deadline with its reason, people, pauses, cases, and what may be done next."""
    with database.read() as uow:
        issue = ISSUES.get(actor, uow, issue_id)
        return Flow.of(issue_views.view_of(actor, uow, issue, now))


@router.get(
    "/issues/{issue_id}/open311",
    operation_id="read_service_request",
    summary="Open311 服务请求 · As Open311 has it",
)
def read_service_request(actor: Reader, database: DatabaseDep, now: NowDep, issue_id: Id) -> ServiceRequest:
    """Give an issue as a service request of Open311 GeoReport v2."""
    with database.read() as uow:
        view = issue_views.view_of(actor, uow, ISSUES.get(actor, uow, issue_id), now)
    agency = view.level.name.zh if view.level else None
    return ServiceRequest.model_validate(
        service_request(view.issue, updated_at=view.history[-1].at, agency=agency)
    )


@router.post(
    "/issues/{issue_id}/escalations", operation_id="escalate_issue", summary="上报上级 · To the next level"
)
def escalate_issue(
    actor: Writer,
    database: DatabaseDep,
    now: NowDep,
    issue_id: Id,
    given: HandingOn,
    revision: RevisionDep,
    response: Response,
) -> Answer:
    """Take an issue to the next level, because it is beyond its present one."""
    with database.write() as uow:
        issue = issue_flow.escalate(actor, uow, issue_id, revision=revision, reason=given.reason, now=now)
        return answered(actor, uow, issue, now, response)


@router.post(
    "/issues/{issue_id}/pauses", operation_id="pause_issue", summary="暂停计时 · Wait for the reporter"
)
def pause_issue(
    actor: Writer,
    database: DatabaseDep,
    now: NowDep,
    issue_id: Id,
    given: Reason,
    revision: RevisionDep,
    response: Response,
) -> Answer:
    """Let the clock of an issue stand while its reporter is waited for."""
    with database.write() as uow:
        issue = issue_flow.wait(actor, uow, issue_id, revision=revision, reason=given.reason, now=now)
        return answered(actor, uow, issue, now, response)


@router.post("/issues/{issue_id}/resumptions", operation_id="resume_issue", summary="恢复计时 · Go on")
def resume_issue(
    actor: Writer,
    database: DatabaseDep,
    now: NowDep,
    issue_id: Id,
    revision: RevisionDep,
    response: Response,
) -> Answer:
    """Let the clock of an issue go on; the time in which it stood isn't counted."""
    with database.write() as uow:
        issue = issue_flow.resume(actor, uow, issue_id, revision=revision, now=now)
        return answered(actor, uow, issue, now, response)


@router.post(
    "/issues/{issue_id}/feedback", operation_id="tell_reporter", summary="阶段反馈 · Feedback of a stage"
)
def tell_reporter(
    actor: Writer,
    database: DatabaseDep,
    now: NowDep,
    issue_id: Id,
    given: Feedback,
    revision: RevisionDep,
    response: Response,
) -> Answer:
    """Keep what the reporter was told of a stage."""
    with database.write() as uow:
        issue = issue_flow.tell_reporter(
            actor,
            uow,
            issue_id,
            revision=revision,
            stage=given.stage,
            note=given.note,
            photos=given.photos.taken(),
            now=now,
        )
        return answered(actor, uow, issue, now, response)


@router.put(
    "/issues/{issue_id}/people/{charge}", operation_id="name_person", summary="确定责任人 · Name a person"
)
def name_person(
    actor: Writer,
    database: DatabaseDep,
    now: NowDep,
    issue_id: Id,
    charge: Annotated[str, Path(max_length=60, examples=["handling"])],
    given: PersonNamed,
    revision: RevisionDep,
    response: Response,
) -> Answer:
    """Let one person be named for a charge of an issue."""
    with database.write() as uow:
        issue = issue_flow.name_person(
            actor, uow, issue_id, revision=revision, charge=charge, person_id=given.person_id, now=now
        )
        return answered(actor, uow, issue, now, response)


@router.post("/issues/{issue_id}/merge", operation_id="merge_issue", summary="并入 · Merge a duplicate")
def merge_issue(
    actor: Writer,
    database: DatabaseDep,
    now: NowDep,
    issue_id: Id,
    given: Merge,
    revision: RevisionDep,
    response: Response,
) -> Answer:
    """Give up an issue as the duplicate of another one, which goes its way for both."""
    with database.write() as uow:
        issue = issue_flow.merge(actor, uow, issue_id, revision=revision, into=given.into, now=now)
        return answered(actor, uow, issue, now, response)


@router.post(
    "/issues/{issue_id}/cases",
    operation_id="transfer_case",
    summary="案件移交 · Hand a case over",
    status_code=201,
)
def transfer_case(
    actor: Writer,
    database: DatabaseDep,
    now: NowDep,
    issue_id: Id,
    given: Transfer,
    revision: RevisionDep,
) -> CaseKept:
    """Hand an issue over to a section of the profile, with a form."""
    with database.write() as uow:
        case = issue_cases.transfer(
            actor, uow, issue_id, revision=revision, section=given.section, facts=given.facts, now=now
        )
    return CaseKept.model_validate(case)


@router.post(
    "/issues/{issue_id}/outcomes", operation_id="record_outcome", summary="移交结果 · Outcome of a case"
)
def record_outcome(
    actor: Writer,
    database: DatabaseDep,
    now: NowDep,
    issue_id: Id,
    given: Outcome,
    revision: RevisionDep,
    response: Response,
) -> Answer:
    """Keep what became of the open case of an issue, as its result."""
    with database.write() as uow:
        issue = issue_cases.record_outcome(
            actor, uow, issue_id, revision=revision, outcome=given.outcome, now=now
        )
        return answered(actor, uow, issue, now, response)


@router.get(
    "/issues/{issue_id}/cases/{case_id}/form",
    operation_id="print_case",
    summary="案件移交表 · Form of a case",
    response_class=Response,
    responses={200: {"content": {"application/pdf": {}}}},
)
def print_case(
    actor: Reader,
    database: DatabaseDep,
    now: NowDep,
    frame: FrameDep,
    issue_id: Id,
    case_id: Id,
) -> Response:
    """Give the form of a case as PDF, A4."""
    with database.read() as uow:
        kept = issue_cases.case_of(actor, uow, issue_id, case_id)
        issue, case = Veils(actor, uow, now.date()).over(kept[0].grid_code).shown(kept)
        pictures = photos.printed(actor, uow, issue_id)
    pdf = transfer_form(frame.translator, issue, case, pictures, at=now)
    name = f'attachment; filename="{case.number}.pdf"'
    return Response(pdf, media_type="application/pdf", headers={"Content-Disposition": name})


@router.put(
    "/issues/{issue_id}/reporter", operation_id="keep_reporter", summary="登记反映人 · Keep who reported it"
)
def keep_reporter(
    actor: Writer, database: DatabaseDep, issue_id: Id, given: ReporterGiven, revision: RevisionDep
) -> ReporterCode:
    """Keep who reported an issue, and give the code by which they follow and rate it."""
    reporter = Reporter(given.name, given.phone)
    with database.write() as uow:
        number = ISSUES.get(actor, uow, issue_id).number
        code = issue_results.welcome_reporter(actor, uow, issue_id, revision=revision, reporter=reporter)
    return ReporterCode(code=code, address=f"/results/{number}?code={code}")


@router.get("/issues/{issue_id}/reporter", operation_id="read_reporter", summary="反映人 · Who reported it")
def read_reporter(actor: Writer, database: DatabaseDep, today: TodayDep, issue_id: Id) -> ReporterKept:
    """Give who reported an issue to those who work on it; each look leaves a trace."""
    with database.write() as uow:
        return ReporterKept.model_validate(issue_results.reporter_of(actor, uow, issue_id, today))
