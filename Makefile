# `make demo` and `make test` are the two commands of the README; both do their own set-up.
# Only Python 3.11+, git and PyPI are needed; `make tools` also needs Go and builds what PyPI does not carry.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
WORKERS ?= auto
REPO ?= .auditor/demo/northwind-gitops
ROUNDS ?= 3
export UV_NO_PROGRESS := 1

.DEFAULT_GOAL := help
.PHONY: help venv demo test tools lint format bench bench-rules serve lock rules clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 10

venv: $(STAMP) ## create .venv with auditor in it

$(STAMP): requirements/dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "auditor needs Python 3.11 or newer; name one with PYTHON=…" >&2; exit 2; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@# uv installs in seconds what takes pip minutes; where it cannot reach the index, pip does it.
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv || true
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/dev.lock \
	  || $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable . \
	  || $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: venv ## build the sample repository, audit it, print what was found
	@$(BIN)/auditor demo --folder .auditor/demo

serve: venv ## open the dashboard on the demo's audit
	@test -f .auditor/demo/audit.duckdb || $(MAKE) --no-print-directory demo
	@$(BIN)/auditor serve --db .auditor/demo/audit.duckdb

test: venv ## run everything; with CI=true the tools are built first and none of their tests may be skipped
ifeq ($(CI),true)
	$(MAKE) tools
endif
	$(MAKE) lint
	$(BIN)/python -m pytest -q -n $(WORKERS) --dist worksteal

GO_TOOLS := opa conftest gator kubeconform gitsign helm registry etcd kube-apiserver kube-controller-manager kustomize-controller
PACKAGE_opa := github.com/open-policy-agent/opa
PACKAGE_conftest := github.com/open-policy-agent/conftest
PACKAGE_gator := github.com/open-policy-agent/gatekeeper/v3/cmd/gator
PACKAGE_kubeconform := github.com/yannh/kubeconform/cmd/kubeconform
PACKAGE_gitsign := github.com/sigstore/gitsign
PACKAGE_helm := helm.sh/helm/v4/cmd/helm
PACKAGE_registry := github.com/distribution/distribution/v3/cmd/registry
PACKAGE_etcd := go.etcd.io/etcd/server/v3
PACKAGE_kube-apiserver := k8s.io/kubernetes/cmd/kube-apiserver
PACKAGE_kube-controller-manager := k8s.io/kubernetes/cmd/kube-controller-manager
PACKAGE_kustomize-controller := github.com/fluxcd/kustomize-controller
# Programs of one module share a folder of tools/; any other has a folder of its name.
FOLDER_kube-apiserver := kubernetes
FOLDER_kube-controller-manager := kubernetes
# Clients read the server's version; a build from the module alone says v0.0.0.
LDFLAGS_kube-apiserver := -X k8s.io/component-base/version.gitVersion=v1.37.2 -X k8s.io/component-base/version.gitMajor=1 -X k8s.io/component-base/version.gitMinor=37
LDFLAGS_kube-controller-manager := $(LDFLAGS_kube-apiserver)

tools: $(GO_TOOLS:%=.tools/bin/%) .tools/bin/gitea .tools/crds chromium signing ## build what PyPI does not carry (needs Go), find a browser for its tests

.PHONY: chromium
chromium:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null \
	  || { test "$$(id -u)" = 0 && command -v apt-get >/dev/null \
	       && apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null; } \
	  || echo "no Chromium found: install one with your system's packages to run the browser tests" >&2

.PHONY: signing
signing:
	@for program in gpg gpgsm ssh-keygen openssl; do command -v $$program >/dev/null || missing=1; done; \
	  test -z "$$missing" \
	  || { test "$$(id -u)" = 0 && command -v apt-get >/dev/null \
	       && apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq gnupg gpgsm openssh-client openssl >/dev/null; } \
	  || echo "gpg, gpgsm, ssh-keygen or openssl is missing: install them to run the tests of signatures" >&2

.SECONDEXPANSION:
$(GO_TOOLS:%=.tools/bin/%): .tools/bin/%: tools/$$(or $$(FOLDER_$$*),$$*)/go.mod tools/$$(or $$(FOLDER_$$*),$$*)/go.sum
	@command -v go >/dev/null || { echo "building $* needs Go 1.26 or newer on PATH" >&2; exit 2; }
	@mkdir -p .tools/bin
	cd $(<D) && go build -trimpath -ldflags '-s -w $(LDFLAGS_$*)' -o ../../$@ $(PACKAGE_$*)
	@touch $@

.tools/bin/gitea: tools/gitea/go.mod tools/gitea/go.sum
	@command -v go >/dev/null || { echo "building gitea needs Go 1.26 or newer on PATH" >&2; exit 2; }
	@mkdir -p .tools/bin
	cd tools/gitea && go build -trimpath -ldflags '-s -w' -tags 'sqlite sqlite_unlock_notify' -o ../../.tools/bin/gitea code.gitea.io/gitea
	@# Its templates and options lie beside its sources.
	rm -rf .tools/gitea && mkdir -p .tools/gitea
	cd tools/gitea && cp -R "$$(go list -m -f '{{.Dir}}' code.gitea.io/gitea)/options" \
	  "$$(go list -m -f '{{.Dir}}' code.gitea.io/gitea)/templates" ../../.tools/gitea/
	chmod -R u+w .tools/gitea
	@touch $@

# What Flux' objects look like, as its controllers' modules bring it.
FLUX_SOURCES := github.com/fluxcd/source-controller@v1.9.0

.tools/crds: tools/kustomize-controller/go.mod Makefile
	@command -v go >/dev/null || { echo "fetching Flux' resource definitions needs Go 1.26 or newer on PATH" >&2; exit 2; }
	rm -rf $@ && mkdir -p $@
	cd tools/kustomize-controller && go mod download github.com/fluxcd/kustomize-controller \
	  && cp "$$(go list -m -f '{{.Dir}}' github.com/fluxcd/kustomize-controller)"/config/crd/bases/*.yaml ../../$@
	cd .tools && go mod download $(FLUX_SOURCES) && cp "$$(go env GOMODCACHE)/$(FLUX_SOURCES)"/config/crd/bases/*.yaml crds
	chmod -R u+w $@

lint: venv ## the checks that pre-commit runs: ruff, mypy, import contracts, the rules' own lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/auditor policy lint

format: venv ## format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: venv ## time scans against `git log -p` and pydriller in one run: make bench REPO=path [OTHER=checkout] [ROUNDS=3]
	$(BIN)/python tests/bench/bench.py $(REPO) --rounds $(ROUNDS) $(if $(OTHER),--other $(OTHER)) $(if $(GROWTH),--growth)

bench-rules: venv .tools/bin/opa .tools/bin/conftest .tools/bin/kubeconform ## time rules and schemas against conftest, kubeconform and Checkov: make bench-rules [HISTORY=path] [ROUNDS=3]
	$(BIN)/python tests/bench/rules.py --rounds $(ROUNDS) $(if $(HISTORY),--history $(HISTORY))

lock: venv ## solve the dependencies anew
	$(BIN)/uv pip compile pyproject.toml --all-extras --group dev --universal --python-version 3.11 \
	  --generate-hashes --no-header --no-emit-index-url --no-annotate --quiet --upgrade -o requirements/dev.lock

rules: venv ## write the pages of rules and frameworks anew
	$(BIN)/python -m auditor.policy.pages docs

clean: ## remove what was built, but not .tools
	rm -rf $(VENV) .auditor build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
