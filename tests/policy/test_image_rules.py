"""Image references as the distribution grammar has them, on both engines."""

import pytest
from policy.kubernetes_support import said, workload
from policy.policy_support import ENGINES

from auditor.policy.judge import Judge, JudgeSpec

SHA = "sha256:" + "0f9d1cc32b6a0e1d4a2b8b8f9d1b2c3d4e5f60718293a4b5c6d7e8f901234567"
ALLOWED = (
    "docker.io/library",
    "ghcr.io/our-org",
    "registry.example.org:5000",
    "localhost",
    "[2001:db8::1]:5000",
)

# reference, moving tag, by a tag that could be moved, from an allowed registry, readable
REFERENCES = [
    ("nginx", True, False, True, True),
    ("nginx:latest", True, False, True, True),
    ("nginx:LATEST", True, False, True, True),
    ("nginx:stable", True, False, True, True),
    ("nginx:1.29.3", False, True, True, True),
    ("nginx:stable-alpine3.22", False, True, True, True),
    ("library/nginx:1", False, True, True, True),
    ("docker.io/nginx:1", False, True, True, True),
    ("index.docker.io/library/nginx:1", False, True, True, True),
    ("bitnami/nginx:1", False, True, False, True),
    (f"nginx@{SHA}", False, False, True, True),
    (f"nginx:latest@{SHA}", False, False, True, True),
    ("ghcr.io/our-org/web:2", False, True, True, True),
    ("GHCR.io/our-org/web:2", False, True, True, True),
    ("ghcr.io/our-organisation/web:2", False, True, False, True),
    ("registry.example.org:5000/web", True, False, True, True),
    ("registry.example.org:5000/web:2", False, True, True, True),
    ("registry.example.org/web:2", False, True, False, True),
    (f"registry.example.org:5000/a/b/c:V_1.0-x@{SHA}", False, False, True, True),
    ("localhost/web:2", False, True, True, True),
    ("localhost:5000/web", True, False, False, True),
    ("localhost:5000", False, True, True, True),
    ("[2001:db8::1]:5000/web:2", False, True, True, True),
    ("[2001:db8::1]:5000/web", True, False, True, True),
    ("UPPER/web:2", False, True, False, True),
    ("my_org/web:2", False, True, False, True),
    ("a__b/c-d.e---f:2", False, True, False, True),
    ("Nginx:1", False, False, True, False),
    ("our/Web:1", False, False, True, False),
    ("nginx:", False, False, True, False),
    ("nginx:-1", False, False, True, False),
    ("nginx:" + "a" * 129, False, False, True, False),
    ("nginx 1", False, False, True, False),
    (" nginx", False, False, True, False),
    ("https://ghcr.io/our-org/web", False, False, True, False),
    ("web@sha256:0f9d", False, False, True, False),
    (f"web@{SHA}0", False, False, True, False),
    (f"web@{SHA.upper()}", False, False, True, False),
    ("web@sha512:" + "a" * 64, False, False, True, False),
    ("a..b/web", False, False, True, False),
    ("a//b", False, False, True, False),
    ("web:1:2", False, False, True, False),
    (SHA[7:], False, False, True, False),
    # A variable may stand for anything, so nothing is claimed.
    ("${IMAGE}", False, False, True, True),
    ("registry.example.org/web:${TAG}", False, False, True, True),
    ("{{ .Values.image }}", False, False, True, True),
]
COLUMNS = ("AUD-IMG-0001", "AUD-IMG-0002", "AUD-IMG-0003", "AUD-IMG-0004")


@pytest.fixture(scope="module", params=ENGINES)
def judge(request):
    parameters = {"AUD-IMG-0003": {"allowed": list(ALLOWED)}}
    with Judge(JudgeSpec(engine=request.param, schemas=False, parameters=parameters)) as made:
        yield made


@pytest.mark.parametrize("column", COLUMNS)
def test_what_is_said_of_a_reference(judge, column):
    pods = [workload("Pod", containers=[{"name": "web", "image": row[0]}]) for row in REFERENCES]
    position = 1 + COLUMNS.index(column)
    fires_where = position < 3
    expected = {row[0]: row[position] is fires_where for row in REFERENCES}
    answers = said(judge, column, *pods)
    assert {row[0]: bool(found) for row, found in zip(REFERENCES, answers, strict=True)} == expected
    assert {place for found in answers for place in found} == {"spec.containers[name=web].image"}


@pytest.mark.parametrize(
    ("image", "policy", "fires"),
    [
        ("web:main", None, True),
        ("web:main", "Always", False),
        ("web:latest", None, False),
        ("web", None, False),
        ("web", "IfNotPresent", True),
        ("web", "Never", True),
        ("web:1.2.3", "IfNotPresent", False),
        (f"web:main@{SHA}", "IfNotPresent", False),
    ],
)
def test_a_moving_tag_has_to_be_pulled_always(judge, image, policy, fires):
    container = {"name": "web", "image": image} | ({"imagePullPolicy": policy} if policy else {})
    place = "spec.jobTemplate.spec.template.spec.initContainers[name=web].imagePullPolicy"
    manifest = workload("CronJob", containers=[], pod={"initContainers": [container]})
    assert said(judge, "AUD-IMG-0005", manifest) == [[place] if fires else []]
