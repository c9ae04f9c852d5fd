"""People, their posts, and who is responsible for a grid."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from api.dependencies import DatabaseDep, Id, TodayDep, may
from api.parameters import RevisionDep, SliceDep, etag_of
from api.schemas.people import (
    AssignmentEnd,
    AssignmentInput,
    AssignmentList,
    AssignmentSchema,
    PersonInput,
    PersonPage,
    PersonSchema,
    ResponsibleList,
)
from geo.domain.actors import Action, Actor
from geo.services import people

router = APIRouter(tags=["people"])

Reader = Annotated[Actor, Depends(may(Action.READ_PEOPLE))]
Writer = Annotated[Actor, Depends(may(Action.WRITE_PEOPLE))]


Name = Annotated[str | None, Query(min_length=1, max_length=200, examples=["王"])]


@router.get("/people", operation_id="list_people", summary="人员列表 · People")
def list_people(
    *, actor: Reader, database: DatabaseDep, today: TodayDep, part: SliceDep, name: Name = None
) -> PersonPage:
    """Give the people who serve where the caller may read people."""
    with database.read() as uow:
        page = people.list_people(actor, uow, today, name=name, after=part.after, limit=part.limit)
    return PersonPage.of(page)


@router.post("/people", operation_id="create_person", summary="新增人员 · New person", status_code=201)
def create_person(
    actor: Writer, given: PersonInput, database: DatabaseDep, response: Response
) -> PersonSchema:
    """Make a person known; only for those who may write people of the whole city."""
    with database.write() as uow:
        person = people.create(actor, uow, given.data())
    response.headers["ETag"] = etag_of(person.revision)
    return PersonSchema.model_validate(person)


@router.get("/people/{person_id}", operation_id="read_person", summary="人员 · One person")
def read_person(
    actor: Reader, person_id: Id, database: DatabaseDep, today: TodayDep, response: Response
) -> PersonSchema:
    """Give a person."""
    with database.read() as uow:
        person = people.get(actor, uow, person_id, today)
    response.headers["ETag"] = etag_of(person.revision)
    return PersonSchema.model_validate(person)


@router.put("/people/{person_id}", operation_id="change_person", summary="修改人员 · Change a person")
def change_person(
    *,
    actor: Writer,
    person_id: Id,
    given: PersonInput,
    database: DatabaseDep,
    today: TodayDep,
    response: Response,
    revision: RevisionDep,
) -> PersonSchema:
    """Let a person be what is told now."""
    with database.write() as uow:
        person = people.change(actor, uow, person_id, today, revision=revision, data=given.data())
    response.headers["ETag"] = etag_of(person.revision)
    return PersonSchema.model_validate(person)


@router.get(
    "/people/{person_id}/assignments", operation_id="list_assignments", summary="任职情况 · Posts of a person"
)
def list_assignments(actor: Reader, person_id: Id, database: DatabaseDep, today: TodayDep) -> AssignmentList:
    """Give the posts of a person where the caller may read people, the latest first."""
    with database.read() as uow:
        found = people.list_assignments(actor, uow, person_id, today)
    return AssignmentList(assignments=[AssignmentSchema.of(one) for one in found])


@router.post(
    "/people/{person_id}/assignments",
    operation_id="create_assignment",
    summary="任命 · New post",
    status_code=201,
)
def create_assignment(
    actor: Writer, person_id: Id, given: AssignmentInput, database: DatabaseDep, response: Response
) -> AssignmentSchema:
    """Let a person hold a post in a grid."""
    with database.write() as uow:
        assignment = people.assign(
            actor,
            uow,
            person_id,
            grid_code=given.grid,
            post=given.post,
            valid_from=given.valid_from,
            valid_to=given.valid_to,
        )
    response.headers["ETag"] = etag_of(assignment.revision)
    return AssignmentSchema.of(assignment)


@router.put("/assignments/{assignment_id}", operation_id="end_assignment", summary="免职 · End a post")
def end_assignment(
    *,
    actor: Writer,
    assignment_id: Id,
    given: AssignmentEnd,
    database: DatabaseDep,
    response: Response,
    revision: RevisionDep,
) -> AssignmentSchema:
    """Let a person hold a post no longer than until a day."""
    with database.write() as uow:
        assignment = people.end_assignment(actor, uow, assignment_id, revision, given.valid_to)
    response.headers["ETag"] = etag_of(assignment.revision)
    return AssignmentSchema.of(assignment)


@router.get(
    "/grids/{code}/responsible", operation_id="list_responsible", summary="网格责任人 · Responsible people"
)
def list_responsible(
    actor: Annotated[Actor, Depends(may(Action.READ_GRIDS))],
    code: str,
    database: DatabaseDep,
    today: TodayDep,
) -> ResponsibleList:
    """Give whom the public may turn to in a grid and in those above it."""
    with database.read() as uow:
        return ResponsibleList.of(people.responsible(actor, uow, code, today))
