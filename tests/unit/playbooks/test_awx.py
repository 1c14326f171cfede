# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""AWX's objects and the playbooks fit each other. That AWX takes the objects is what the target role_awx shows."""

from __future__ import annotations

import copy
import importlib.util
import json
import pathlib
import re
import typing as t

import pytest
import yaml
from ansible_collections.netinstall.pxe.plugins.filter.survey import survey

CHECKOUT = pathlib.Path(__file__).resolve().parents[3]

Item = dict[str, t.Any]


def load(path: str) -> t.Any:
    """A program of the checkout as a module."""
    spec = importlib.util.spec_from_file_location(pathlib.Path(path).stem, CHECKOUT / path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


pytest.importorskip("ansible_runner")
job = load("tests/tools/awx_job.py")
controller = load("tests/integration/targets/role_awx/files/controller.py")
OBJECTS = job.objects()
TEMPLATES: list[Item] = OBJECTS["awx_job_templates"]
WORKFLOWS: list[Item] = OBJECTS["awx_workflows"]
# Variables without which a playbook refuses to run under AWX; the target playbook_install tries that.
REQUIRED = {
    "install.yml": {"install_machines", "install_confirm"},
    "teardown.yml": {"teardown_confirm"},
}
# Names of machines and confirmations, which have filters of their own.
SPELLED_OUT = {
    *("install_machines", "status_machines", "disarm_machines", "history_machines"),
    *("install_confirm", "teardown_confirm"),
}
# Variables of these playbooks that nobody wants to be asked for; plan.yml and site.yml read the description.
NOT_ASKED = {
    "install.yml": {"install_follow", "install_interval"},
    "status.yml": set(),
    "disarm.yml": set(),
    "history.yml": set(),
    "teardown.yml": set(),
}


def read_by(playbook: str) -> set[str]:
    """The names in a playbook of ours and in the description that it compiles, comments left out."""
    paths = [CHECKOUT / "playbooks" / playbook, CHECKOUT / "roles" / "site" / "defaults" / "main.yml"]
    lines = [line for path in paths for line in path.read_text(encoding="utf-8").splitlines()]
    code = "\n".join(line for line in lines if not line.lstrip().startswith("#"))
    return set(re.findall(r"[a-z_]\w*", code))


def variables(item: Item) -> set[str]:
    return {question["variable"] for question in job.questions(item)}


@pytest.fixture(params=TEMPLATES, ids=lambda item: item["name"])
def template(request: pytest.FixtureRequest) -> Item:
    return t.cast(Item, request.param)


def test_each_playbook_is_at_the_root_where_awx_lists_it(template: Item) -> None:
    (play,) = yaml.safe_load((CHECKOUT / template["playbook"]).read_text(encoding="utf-8"))
    stem = template["playbook"].removesuffix(".yml")
    assert play["ansible.builtin.import_playbook"] == f"netinstall.pxe.{stem}"


def test_each_answer_is_read_by_its_playbook(template: Item) -> None:
    assert variables(template) - read_by(template["playbook"]) == set()


def test_what_a_playbook_needs_is_required_and_nothing_else(template: Item) -> None:
    """AWX refuses a schedule, or a launch from a program, without an answer that is required and has a default."""
    required = set(controller.unanswered(job.questions(template), {}))
    assert required == REQUIRED.get(template["playbook"], set())


def test_the_launch_in_the_guide_answers_what_is_required() -> None:
    guide = (CHECKOUT / "docs" / "awx.md").read_text(encoding="utf-8")
    (written,) = re.findall(r"workflow_launch -a '(\{.+?\})'", guide, re.DOTALL)
    launch = json.loads(written)
    (workflow,) = [item for item in WORKFLOWS if item["name"] == launch["name"]]
    assert controller.unanswered(job.questions(workflow), launch["extra_vars"]) == []
    assert set(launch["extra_vars"]) - variables(workflow) == set()


WEBHOOK = {"name": "chat", "organization": None, "notification_type": "webhook"}
HOURLY = {"name": "hourly", "rrule": "DTSTART:20260101T000000Z RRULE:FREQ=HOURLY;INTERVAL=1"}


@pytest.mark.parametrize(
    ("endpoint", "values", "says"),
    [
        ("schedules", HOURLY, "'sure' value missing"),
        ("schedules", {**HOURLY, "extra_data": {"sure": "maybe"}}, "not allowed on launch"),
        ("schedules", {**HOURLY, "extra_data": {"sure": "yes"}}, ""),
        ("workflow_job_template_nodes", {"workflow_job_template": None}, ""),
        ("notification_templates", {**WEBHOOK, "notification_configuration": {"headers": {}}}, "'url'"),
        (
            "notification_templates",
            {**WEBHOOK, "notification_configuration": {"url": "u", "headers": {}}},
            "",
        ),
        ("credentials", {"name": "key", "inputs": {"ssh_key_data": "the-key"}}, "Invalid"),
    ],
)
def test_what_the_stand_in_refuses_as_awx_does(endpoint: str, values: Item, says: str) -> None:
    store = controller.Store(CHECKOUT)
    machine = next(iter(store.objects["credential_types"]))
    asking = store.add("job_templates", {"name": "asks"})["id"]
    question = {"variable": "sure", "choices": ["no", "yes"], "default": "no", "required": True}
    store.surveys[asking] = {"spec": [question]}
    fields = controller.FIELDS[endpoint]
    related = {"unified_job_template": asking, "credential_type": machine}
    values = {**values, **{name: number for name, number in related.items() if name in fields}}
    if says:
        with pytest.raises(controller.RefusedError, match=says):
            store.check(endpoint, values, None)
    else:
        store.check(endpoint, values, None)


def test_awx_adds_what_a_notification_leaves_out() -> None:
    """Why the guide's example is complete: another run would find more than it wants."""
    guide = (CHECKOUT / "docs" / "awx.md").read_text(encoding="utf-8")
    (written,) = re.findall(r"```yaml\n(awx_notifications:.+?)```", guide, re.DOTALL)
    (notification,) = yaml.safe_load(written)["awx_notifications"]
    stored = copy.deepcopy(notification)
    assert controller.check_notification(stored, None) == {}
    assert stored == notification
    del notification["notification_configuration"]["username"]
    assert controller.check_notification(notification, None) == {}
    assert notification == stored


@pytest.mark.parametrize("playbook", NOT_ASKED)
def test_each_variable_of_the_playbook_is_asked_for(playbook: str) -> None:
    (item,) = [item for item in TEMPLATES if item["playbook"] == playbook]
    prefix = playbook.removesuffix(".yml") + "_"
    own = {name for name in read_by(playbook) if name.startswith(prefix)}
    assert own - NOT_ASKED[playbook] == variables(item)


def test_an_empty_answer_is_none(template: Item) -> None:
    """AWX hands over the empty text, or null, for a question that was left out; and it lets a blank through."""
    for name in variables(template) - SPELLED_OUT:
        (default,) = [value for key, value in survey({name: None}).items() if key == name]
        assert survey({name: ""}) == {name: default, "mistakes": []}
        assert len(survey({name: " "})["mistakes"]) == 1
    # What the description says counts for more than nothing, which an extra variable of that name would not be.
    assert [name for name in variables(template) if name.startswith("site_")] == []


@pytest.mark.parametrize("item", TEMPLATES + WORKFLOWS, ids=lambda item: item["name"])
def test_awx_takes_the_survey(item: Item) -> None:
    if "survey" in item:
        controller.check_survey(item["survey"])


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda item: item["name"])
def test_a_workflow_asks_for_what_its_jobs_need(workflow: Item) -> None:
    """A question of a job that the workflow asks too gets the workflow's answer."""
    for node in workflow["nodes"]:
        item = job.template(node["job_template"])
        needed = {
            question["variable"]
            for question in job.questions(item)
            if question["required"] and "default" not in question
        }
        assert needed - variables(workflow) == set(), node
        assert set(node.get("answers", {})) - variables(item) == set(), node
    asked_by_jobs = [variables(job.template(node["job_template"])) for node in workflow["nodes"]]
    assert variables(workflow) - set().union(*asked_by_jobs) == set()


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda item: item["name"])
def test_each_node_of_a_workflow_is_reached(workflow: Item) -> None:
    names = [node["name"] for node in workflow["nodes"]]
    followers = [
        name for node in workflow["nodes"] for name in node.get("success", []) + node.get("failure", [])
    ]
    assert set(followers) == set(names[1:])


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda item: item["name"])
def test_each_node_stands_before_those_that_follow(workflow: Item) -> None:
    """The role makes the last one first."""
    names = [node["name"] for node in workflow["nodes"]]
    for node in workflow["nodes"]:
        later = names[names.index(node["name"]) + 1 :]
        assert set(node.get("success", []) + node.get("failure", [])) <= set(later)


def test_a_failed_job_makes_its_workflow_fail() -> None:
    """AWX takes a failure for dealt with when something follows, so what follows must fail too."""
    (workflow,) = WORKFLOWS
    nodes = {node["name"]: node for node in workflow["nodes"]}
    after = {name for node in nodes.values() for name in node.get("failure", [])}
    assert after
    assert [name for name in after if nodes[name].get("answers") != {"status_after_failure": "yes"}] == []


def test_teams_name_what_there_is() -> None:
    for team in OBJECTS["awx_teams"]:
        assert set(team["job_templates"]) <= {item["name"] for item in TEMPLATES}
        assert set(team["workflows"]) <= {item["name"] for item in WORKFLOWS}


INSTALL = job.questions(job.template("netinstall install"))


@pytest.mark.parametrize(
    ("answers", "says"),
    [
        ({}, "'install_machines' value missing"),
        ({"install_machines": ""}, "too small"),
        ({"install_machines": "a", "install_on_failure": "sure"}, "is none of"),
        ({"install_machines": "a", "install_time_limit": 0}, "too small"),
        ({"install_machines": "a", "install_time_limit": "9"}, "is no integer"),
        ({"install_machines": "a", "site_root": "/"}, "site_root is not asked for"),
    ],
)
def test_what_awx_refuses(answers: Item, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        job.launch_variables(INSTALL, answers)


def test_nothing_is_confirmed_unless_somebody_does() -> None:
    found = job.launch_variables(INSTALL, {"install_machines": "node01"})
    assert found["install_confirm"] == "no"
    assert "install_profile" not in found
