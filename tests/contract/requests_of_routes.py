"""A request that ought to succeed for each operation, about the things of the city."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from geo.domain.actors import Action
from geo.domain.issues import Issue
from tests.contract.city import City, a_day, a_picture, unique
from tests.contract.issues_of_city import (
    LONG_AGO,
    about,
    case_issue,
    if_match,
    new_issue,
    open_case,
    reported_issue,
    waiting_issue,
)


@dataclass(frozen=True)
class Sample:
    """A request.

    Attributes
    ----------
    path : dict
        What stands in the braces of the path.
    options : dict
        ``params``, ``json``, ``headers`` as httpx takes them.
    everywhere : bool
        Whether it is about the whole city, so that those with a part of it may not ask.
    placed : bool
        Whether it is about something that lies in the community `inside`.
    action : Action or None
        What the body asks for, where that needs more than the route itself.
    """

    path: dict[str, Any] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    everywhere: bool = False
    placed: bool = False
    action: Action | None = None


def _plan(city: City, *, done: int = 1, undone: int = 0, **body: Any) -> Sample:
    """A request about a new plan as it stands, which has changed `unit`."""
    plan_id, revision = city.plan(done=done, undone=undone)
    return _placed({"plan_id": plan_id}, json={"revision": revision, **body})


def _publication(city: City) -> Sample:
    plan_id, revision = city.approved_plan()
    return Sample({"plan_id": plan_id}, {"json": {"revision": revision}}, everywhere=True)


def _placed(path: dict[str, Any] | None = None, **options: Any) -> Sample:
    return Sample(path or {}, options, placed=True)


_SAID = {
    "form": "routine",
    "result": "violation",
    "measures": ["correction"],
    "correct_by": "2030-01-01",
    "acknowledgement": "typed",
    "subject_name": "张建国",
}


def _filing(city: City) -> dict[str, Any]:
    """What an inspector of `unit` files."""
    return {
        **_SAID,
        "entity_id": city.ids["entity"],
        "visited_at": "2026-11-20T09:30:00+08:00",
        "officers": [city.officer()],
    }


def _month(city: City) -> Sample:
    """A request about October in the community `inside`."""
    return _placed(params={"month": "2026-10-01", "level": "unit", "grid": city.inside})


def _span(city: City, **params: str) -> Sample:
    """A request about the assessment of the grids of the community `inside` in October."""
    return _placed(params={"day": "2026-10-01", "level": "unit", "grid": city.inside, **params})


def _finding(city: City) -> dict[str, Any]:
    return {"tally": "accidents", "happened_on": "2026-10-12", "grid": city.unit, "note": "火灾"}


def _made_up(city: City) -> Sample:
    """A request to make up a training that somebody has missed."""
    missed, later = city.missed_training()
    return _placed(
        {"activity_id": missed},
        json={"person_id": city.ids["person"], "made_up_in": later},
        headers={"If-Match": '"1"'},
    )


def _step(issue: Issue, path: dict[str, Any] | None = None, **body: Any) -> Sample:
    """A change of an issue."""
    return _placed(about(issue, **(path or {})), json=body, headers=if_match(issue))


def _merge(city: City) -> Sample:
    return _step(new_issue(city), into=new_issue(city).id)


def _form(city: City) -> Sample:
    issue, case = open_case(city)
    return _placed(about(issue, case_id=case.id))


def _follow(city: City) -> Sample:
    issue, code = reported_issue(city)
    return Sample({"number": issue.number}, {"params": {"code": code}})


def _rating(city: City) -> Sample:
    issue, code = reported_issue(city, "accepted", "handled", "closed")
    return Sample({"number": issue.number}, {"json": {"code": code, "score": 5}})


def _photo(city: City) -> Sample:
    """A request for a photo of an inspection."""
    return Sample({"photo_id": city.photo()}, placed=True, action=Action.READ_INSPECTIONS)


SAMPLES: dict[str, Callable[[City], Sample]] = {
    # locate, grids, generations, addresses
    "locate_point": lambda city: Sample(options={"params": city.place}),
    "locate_points": lambda city: Sample(options={"json": {"points": [city.place]}}),
    "read_shift": lambda city: Sample(options={"params": {"bbox": "120,30,120.1,30.1", "source": "gcj02"}}),
    "list_grids": lambda city: Sample(),
    "read_grid": lambda city: Sample({"code": city.unit}),
    "list_children": lambda city: Sample({"code": city.inside}),
    "list_neighbours": lambda city: Sample({"code": city.unit}),
    "read_grid_history": lambda city: Sample({"code": city.unit}),
    "list_responsible": lambda city: Sample({"code": city.unit}),
    # statistics, assessment
    "make_statistics": _month,
    "keep_statistics": _month,
    "list_statistics": _month,
    "read_statistics": lambda city: Sample({"snapshot_id": city.kept_statistics()}, placed=True),
    "assess": _span,
    "read_assessment_trail": lambda city: _span(city, measure="on_time", subject=city.unit),
    "keep_assessment": _span,
    "list_kept_assessments": _span,
    "list_findings": lambda city: Sample(options={"params": {"since": "2026-01-01"}}),
    "record_finding": lambda city: _placed(json=_finding(city)),
    "withdraw_finding": lambda city: _placed({"finding_id": city.finding()}, json={"because": "复查"}),
    "list_generations": lambda city: Sample(),
    "read_generation": lambda city: Sample({"generation_id": city.ids["generation"]}),
    "read_lineage": lambda city: Sample({"generation_id": city.ids["generation"]}),
    "search_addresses": lambda city: Sample(options={"params": {"q": "朝阳路12号"}}),
    "read_address": lambda city: Sample({"address_id": city.ids["address"]}),
    "create_address": lambda city: _placed(json={"text": unique("朝阳路"), "place": city.place}),
    "replace_address": lambda city: _placed(
        {"address_id": city.ids["address"]},
        json={"text": unique("朝阳路"), "place": city.place},
        headers=city.if_match("address"),
    ),
    # profiles and posts
    "list_profiles": lambda city: Sample(),
    "read_profile_schema": lambda city: Sample(),
    "check_profile": lambda city: Sample(options={"json": {"document": "key: ours"}}),
    "read_profile": lambda city: Sample({"key": "food-drug"}),
    "list_rules": lambda city: Sample(options={"params": {"grid": city.unit}}),
    "read_rule_history": lambda city: Sample(options={"params": {"path": "division.households.high"}}),
    "list_regulations": lambda city: Sample(),
    "adopt_profile": lambda city: _placed(
        json={"profile": "community", "grid": city.unit, "valid_from": "2027-01-01"}
    ),
    "override_value": lambda city: _placed(
        json={
            "path": "division.households.high",
            "value": 1001,
            "grid": city.unit,
            "valid_from": "2027-01-01",
        }
    ),
    "withdraw_rules": lambda city: _placed(json=city.own_rules()),
    "list_post_findings": lambda city: Sample(),
    "list_principles": lambda city: Sample(),
    "list_partnerships": lambda city: Sample(options={"params": {"limit": 1000}}),
    "create_partnership": lambda city: _placed(
        json={"post": "volunteer", "grid": city.unit, "partner": city.neighbour, **a_day()}
    ),
    "end_partnership": lambda city: _placed(
        {"partnership_id": city.ids["partnership"]},
        json={"valid_to": "2030-01-01"},
        headers=city.if_match("partnership"),
    ),
    "list_leaves": lambda city: _placed({"person_id": city.ids["person"]}),
    "create_leave": lambda city: _placed({"person_id": city.ids["person"]}, json=a_day()),
    "end_leave": lambda city: _placed(
        {"leave_id": city.ids["leave"]}, json={"valid_to": "1999-06-01"}, headers=city.if_match("leave")
    ),
    # entities, patrols, issues
    "list_entities": lambda city: Sample(options={"params": {"limit": 1000}}),
    "list_entities_of_grid": lambda city: Sample({"code": city.unit}),
    "read_entity": lambda city: _placed({"entity_id": city.ids["entity"]}),
    "create_entity": lambda city: _placed(
        json={"kind": "premises", "name": unique("面馆"), "place": city.place}
    ),
    "change_entity": lambda city: _placed(
        {"entity_id": city.ids["entity"]}, json={"name": unique("面馆")}, headers=city.if_match("entity")
    ),
    "list_visits": lambda city: Sample(options={"params": {"limit": 1000}}),
    "read_visit": lambda city: _placed({"visit_id": city.ids["visit"]}),
    "create_visit": lambda city: _placed(
        json={"kind": "check", "visited_at": "2026-11-20T09:30:00+08:00", "entity_id": city.ids["entity"]}
    ),
    "change_visit": lambda city: _placed(
        {"visit_id": city.ids["visit"]}, json={"note": unique("复查")}, headers=city.if_match("visit")
    ),
    "list_tracks": lambda city: Sample(),
    "create_track": lambda city: _placed(
        json={
            "ref": unique("phone"),
            "person_id": city.ids["person"],
            "fixes": [
                {**city.place, "at": "2026-11-20T09:30:00+08:00"},
                {"lon": city.lon + 1e-6, "lat": city.lat, "at": "2026-11-20T09:31:00+08:00"},
            ],
        }
    ),
    "list_issues": lambda city: Sample(options={"params": {"limit": 1000}}),
    "read_issue": lambda city: _placed({"issue_id": city.ids["issue"]}),
    "create_issue": lambda city: _placed(
        json={"number": unique("N"), "category": "占道经营", "place": city.place}
    ),
    "change_issue": lambda city: _placed(
        {"issue_id": city.ids["issue"]}, json={"address": unique("路")}, headers=city.if_match("issue")
    ),
    "list_steps": lambda city: _placed({"issue_id": city.ids["issue"]}),
    "take_step": lambda city: _placed(
        {"issue_id": city.ids["issue"]}, json={"to_state": "accepted"}, headers=city.if_match("issue")
    ),
    "read_flow": lambda city: _placed({"issue_id": city.ids["issue"]}),
    "read_service_request": lambda city: _placed({"issue_id": city.ids["issue"]}),
    "list_duplicates": lambda city: Sample(),
    "list_untold_stages": lambda city: Sample(),
    "escalate_issue": lambda city: _step(new_issue(city), reason="超出本级职权"),
    "pause_issue": lambda city: _step(new_issue(city), reason="待补材料"),
    "resume_issue": lambda city: _step(waiting_issue(city)),
    "tell_reporter": lambda city: _step(
        new_issue(city, "accepted", at=LONG_AGO), stage="reported", note="已收到"
    ),
    "name_person": lambda city: _step(new_issue(city), {"charge": "handling"}, person_id=city.ids["person"]),
    "merge_issue": _merge,
    "transfer_case": lambda city: _step(case_issue(city), section="enforcement", facts="无证经营"),
    "record_outcome": lambda city: _step(open_case(city)[0], outcome="责令改正"),
    "print_case": _form,
    "keep_reporter": lambda city: _step(new_issue(city), name="王女士"),
    "read_reporter": lambda city: _placed(about(reported_issue(city)[0])),
    "list_results": lambda city: Sample(),
    "follow_issue": _follow,
    "rate_result": _rating,
    "measure_issue_rates": lambda city: Sample(options={"params": {"level": "community"}}),
    "read_schedule": lambda city: Sample({"year": 2027}),
    "enter_schedule": lambda city: Sample(
        {"year": 2099},
        {"json": {"off": ["2099-01-01"], "worked": [], "source": "国务院办公厅通知"}},
        everywhere=True,
    ),
    "measure_coverage": lambda city: Sample(),
    "measure_ground": lambda city: Sample(),
    "measure_hotspots": lambda city: Sample(options={"params": {"level": "unit"}}),
    "measure_backlog": lambda city: Sample(),
    # import and export
    "import_grids": lambda city: Sample(
        options={"files": {"file": ("grids.geojson", city.square(), "application/geo+json")}}, everywhere=True
    ),
    "import_layer": lambda city: Sample(
        {"layer": "entities"},
        {"files": {"file": ("entities.csv", city.premises(), "text/csv")}},
        everywhere=True,
    ),
    "read_mapping_file": lambda city: Sample(options={"json": {"document": "fields: {name: shop}"}}),
    "list_imports": lambda city: Sample(everywhere=True),
    "list_import_runs": lambda city: Sample(everywhere=True),
    "read_import_run": lambda city: Sample({"run_id": city.ids["import_run"]}, everywhere=True),
    "read_import": lambda city: Sample({"batch_id": city.ids["import_batch"]}, everywhere=True),
    "export_layer": lambda city: Sample({"layer": "entities"}),
    # plans
    "list_plans": lambda city: Sample(),
    "create_plan": lambda city: Sample(options={"json": {"name": "调整方案"}}),
    "read_plan": lambda city: Sample({"plan_id": city.plan()[0]}),
    "list_grids_of_plan": lambda city: Sample({"plan_id": city.plan()[0]}),
    "operate_on_plan": lambda city: _plan(
        city, kind="rename", parameters={"key": city.unit, "name": unique("网格")}
    ),
    "undo_in_plan": _plan,
    "redo_in_plan": lambda city: _plan(city, undone=1),
    "jump_in_plan": lambda city: _plan(city, to_seq=0),
    "step_plan": lambda city: replace(_plan(city, to="submitted"), action=Action.WRITE_PLANS),
    "follow_plan": lambda city: Sample({"plan_id": city.plan()[0]}, {"params": {"seconds": 0}}),
    "validate_plan": lambda city: Sample({"plan_id": city.plan(done=1)[0]}),
    "compare_divisions": lambda city: Sample(
        options={"params": {"before": "generation:1", "after": f"plan:{city.plan(done=1)[0]}"}}
    ),
    "compare_plan": lambda city: Sample({"plan_id": city.plan(done=1)[0]}),
    "publish_plan": _publication,
    "read_plan_publication": lambda city: Sample({"plan_id": city.published_plan()}, everywhere=True),
    "read_context": lambda city: Sample({"layer": "premises"}, {"params": {"bbox": "-180,-90,180,90"}}),
    "read_reference_layer": lambda city: Sample(
        options={
            "files": {"file": ("premises.csv", city.premises(), "text/csv")},
            "data": {"reference": "wgs84"},
        }
    ),
    "foresee_figures": lambda city: _plan(
        city, kind="rename", parameters={"key": city.unit, "name": unique("网格")}
    ),
    "list_comments_of_plan": lambda city: Sample({"plan_id": city.plan()[0]}),
    "comment_on_plan": lambda city: _placed(
        {"plan_id": city.plan()[0]}, json={"grid": city.unit, "text": "划归东侧网格"}
    ),
    "resolve_comment_on_plan": lambda city: _placed(
        dict(zip(("plan_id", "comment_id"), city.commented_plan(), strict=True))
    ),
    # inspections, key people, suspicious records
    "list_inspections": lambda city: Sample(options={"params": {"limit": 1000}}),
    "read_inspection_form": lambda city: _placed(params={"entity": city.ids["entity"]}),
    "list_due_inspections": lambda city: Sample(),
    "file_inspection": lambda city: _placed(json=_filing(city)),
    "read_inspection": lambda city: _placed({"inspection_id": city.inspection()}),
    "correct_inspection": lambda city: _placed(
        {"inspection_id": city.inspection()}, json={**_SAID, "reason": "结果填写有误"}
    ),
    "set_licence": lambda city: _placed(
        {"entity_id": city.ids["entity"]}, json={"founded_on": "2020-05-01", "licensed_on": None}
    ),
    "upload_photo": lambda city: Sample(options={"files": {"file": ("photo.png", a_picture(), "image/png")}}),
    "read_photo": _photo,
    "read_thumbnail": _photo,
    "list_deregistrations": lambda city: Sample(),
    "end_deregistration": lambda city: _placed(
        {"deregistration_id": city.deregistration()}, json={"outcome": "active"}
    ),
    "list_key_people": lambda city: Sample(options={"params": {"limit": 1000}}),
    "count_key_people": lambda city: Sample(),
    "create_key_person": lambda city: _placed(
        json={"kind": "elderly_alone", "grid": city.unit, "name": "张建国", "phone": "13812341234"}
    ),
    "change_key_person": lambda city: _placed(
        {"key_person_id": city.key_person()},
        json={"kind": "hardship", "grid": city.unit, "name": "张建国"},
        headers={"If-Match": '"1"'},
    ),
    "delete_key_person": lambda city: _placed(
        {"key_person_id": city.key_person()}, headers={"If-Match": '"1"'}
    ),
    "look_at_key_person": lambda city: _placed(
        {"key_person_id": city.key_person()}, json={"reason": "入户走访前核对"}
    ),
    "list_looks": lambda city: Sample(options={"params": {"limit": 1000}}),
    "list_suspicions": lambda city: Sample(),
    "explain_suspicion": lambda city: _placed(
        json={"kind": "late", "visit_id": city.a_visit(), "reason": "山区无信号，次日补录"}
    ),
    # duties, activities, draws
    "measure_duties": lambda city: Sample(),
    "measure_people": lambda city: Sample(),
    "list_records_of_duty": lambda city: Sample({"duty": "patrol"}),
    "list_tasks": lambda city: Sample(),
    "list_reminders": lambda city: Sample(),
    "make_reminders": lambda city: Sample(everywhere=True),
    "list_activities": lambda city: Sample(options={"params": {"limit": 1000}}),
    "read_activity": lambda city: _placed({"activity_id": city.ids["activity"]}),
    "create_activity": lambda city: _placed(
        json={
            "kind": "meeting",
            "title": unique("例会"),
            "starts_at": "2026-11-20T14:00:00+08:00",
            "grid": city.inside,
            "attendances": [{"person_id": city.ids["person"], "state": "present"}],
        }
    ),
    "list_team": lambda city: _placed(params={"grid": city.inside}),
    "change_attendances": lambda city: _placed(
        {"activity_id": city.ids["activity"]},
        json={"attendances": [{"person_id": city.ids["person"], "state": "absent"}]},
        headers=city.if_match("activity"),
    ),
    "make_up_activity": _made_up,
    "list_draws": lambda city: Sample(),
    "create_draw": lambda city: _placed(
        json={"title": unique("抽查"), "size": 1, "target": "household", "grid": city.inside}
    ),
    "read_draw": lambda city: _placed({"draw_id": city.ids["draw"]}),
    "reveal_draw": lambda city: _placed({"draw_id": city.ids["draw"]}),
    "read_proof": lambda city: _placed({"draw_id": city.ids["draw"]}),
    "repeat_draw": lambda city: Sample(options={"json": city.proof}),
    "declare_conflict": lambda city: replace(
        _placed(json={"person_id": city.ids["person"], "entity_id": city.ids["entity"], "reason": "亲属"}),
        action=Action.WRITE_DRAWS,  # for somebody else
    ),
    "list_households": lambda city: _placed({"entity_id": city.ids["entity"]}),
    # people and accounts
    "list_people": lambda city: Sample(options={"params": {"limit": 1000}}),
    "create_person": lambda city: Sample(options={"json": {"name": "李伟"}}, everywhere=True),
    "read_person": lambda city: _placed({"person_id": city.ids["person"]}),
    "change_person": lambda city: _placed(
        {"person_id": city.ids["person"]}, json={"name": "王芳"}, headers=city.if_match("person")
    ),
    "list_assignments": lambda city: _placed({"person_id": city.ids["person"]}),
    "create_assignment": lambda city: _placed(
        {"person_id": city.ids["person"]},
        json={"grid": city.unit, "post": "volunteer", **a_day()},
    ),
    "end_assignment": lambda city: _placed(
        {"assignment_id": city.ids["assignment"]},
        json={"valid_to": "2030-01-01"},
        headers=city.if_match("assignment"),
    ),
    "list_audit": lambda city: Sample(everywhere=True),
    "list_jobs": lambda city: Sample(everywhere=True),
    "list_accounts": lambda city: Sample(),
    "create_account": lambda city: _placed(
        json={
            "username": unique("new"),
            "password": "five loud white geese",
            "grants": [{"role": "leader", "grid": city.inside}],
        }
    ),
    "read_account": lambda city: _placed({"username": "subject"}),
    "change_account": lambda city: _placed(
        {"username": "subject"}, json={"active": True, "grants": [{"role": "leader", "grid": city.inside}]}
    ),
    "set_password": lambda city: _placed({"username": "subject"}, json={"password": "five loud white geese"}),
    "unlock_account": lambda city: _placed({"username": "subject"}),
    # oneself
    "read_session": lambda city: Sample(),
    "sign_out": lambda city: Sample(),
    # everybody
    "read_limits": lambda city: Sample(),
    "read_health": lambda city: Sample(),
    "read_readiness": lambda city: Sample(),
}
"""By operation; the test of rights fails for an operation that is missing here."""

SIGNING_IN = {"sign_in", "create_token", "change_own_password"}
"""Operations whose answer depends on a password; tests of their own are about them."""
