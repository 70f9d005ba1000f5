"""What `auditor init` writes."""

TEMPLATE = """\
# auditor.yaml - every key is optional; what is written here as a comment is the default or an example.
version: 1

# Which engine evaluates the rules: auto takes OPA where it is found, else the embedded one.
#engine: auto            # auto | opa | embedded
#opa_url: ""             # an OPA server that is already running; its token goes in AUDITOR_OPA_TOKEN

# The Kubernetes version that manifests are for, in quotes ("1.30" without them is the number 1.3).
#kubernetes_version: "1.37"

# Which environment a path belongs to. Without a rule the folder names decide: clusters/NAME,
# environments/NAME, overlays/NAME, or a folder called production, staging, dev and the like.
#environments:
#  - path: "fleet/eu-1/**"
#    name: production

# Which cluster holds which environment; a cluster named like an environment needs no line.
#clusters:
#  prod-eu-1:
#    environment: production
#    server: https://prod-eu-1.example.com   # and its labels in Argo CD, which ApplicationSets choose by
#    labels: {stage: production}

# Who is no person. Renovate, Dependabot, GitHub apps, Flux and Argo CD's image updaters are known.
#actors:
#  - kind: bot            # person | bot | automation | forge
#    email: deploy@example.com
#    keys: ["0123456789ABCDEF0123456789ABCDEF01234567"]   # what it signs with; without it, its name proves nothing
#    scope: ["**.image.tag", "spec.replicas"]             # what it may edit; by default image tags and chart versions

# Who may change things. Once there is one, a commit by anybody else is a finding.
#people:
#  - name: Ann Example
#    emails: [ann@example.com]
#    logins: [ann-example]      # on the forge; its noreply addresses are known by it
#    keys: ["SHA256:uNiVztksCsDhcc0u9e8BrrQXVUpKZIDTMczCvj3tD2s"]

# Whose signatures are trusted. What is not configured for a format is not checked, and said to be so.
#signatures:
#  openpgp_keys: [keys/ann.asc]
#  ssh_allowed_signers: keys/allowed_signers
#  ssh_revoked_keys: keys/revoked
#  x509_roots: [keys/ca.pem]
#  platform_keys: [keys/web-flow.asc]   # the forge's own: it names the platform, not a person
#  gitsign:                             # keyless, by Sigstore; the commits must hold their log entries (rekorMode: offline)
#    trusted_root: keys/trusted_root.json   # or fulcio_roots, rekor_keys (and ct_log_keys) as PEM files
#    identities:
#      - {email: ann@example.com, issuer: "https://accounts.google.com"}
#      - subject_regexp: 'https://github\\.com/acme/fleet/\\.github/workflows/.+@refs/heads/main'
#        issuer: https://token.actions.githubusercontent.com

# What the rules on changes have to be told; each that is not told is skipped and says so. See docs/change-control.md.
#change_control:
#  promotion: [staging, production]       # environments in the order in which versions pass through them
#  hotfix: {labels: [hotfix], subject: '(?i)^hotfix\\b', trailers: [Hotfix]}
#  freezes:
#    - name: week-ends
#      zone: Europe/Berlin
#      weekly: fri 18:00 - mon 06:00      # or start and end
#      environments: [production]
#  floating_tags: [latest, stable, edge, nightly]
#  protected_branches: ["release-*"]      # besides the audited one
#  vendored: ["vendor/**"]                # somebody else's releases: binary files are expected there

# Paths that are not judged (globs; ** crosses folders). They are left out of the findings, not of the trail.
#exclude:
#  - "docs/**"

# Rules of your own, and parameters of rules (`auditor policy show ID` names them).
#policies:
#  folders: [policies]
#  parameters: {AUD-IMG-0003: {allowed: [registry.example.com]}}
#  environments:                          # parameters of one environment alone, over those for all
#    production:
#      AUD-IMG-0003: {allowed: [registry.example.com/released]}
#  disabled: [AUD-RES-0001]               # not asked at all; output and reports say so
#  severity: {AUD-NET-0002: critical}     # another severity than the rule's own
#  waivers: .auditor/waivers.yaml         # from the repository's root; see docs/waivers.md
#  waiver_days_at_most: 90                # a waiver then needs `granted`, and ends at most so many days later
#  never_waived: ["AUD-SEC-*"]         # neither by waiver, comment, annotation nor baseline
#  inline_suppressions: true              # whether comments and annotations in manifests count
#  foreign_on_embedded: false             # true: conftest's and Gatekeeper's policies without OPA, which may lose findings
#  workloads:                             # kinds of your own that make pods, and where the pod specification is
#    example.org/Worker: spec.podTemplate.spec

# What manifests are held against besides Kubernetes' own schemas and the definitions in the repository. See docs/schemas.md.
#schemas:
#  folders: [schemas]                     # CustomResourceDefinitions, or JSON Schemas as group/kind_version.json
#  strict: true                           # a field that a schema does not know is a finding
#  fail_on_missing: false                 # true: a kind without schema is a finding
#  ignore_kinds: ["example.org/*"]        # no schema judges these

# What is rendered, and charts with what; `auditor fetch-charts` fills the folder, and nothing is fetched while auditing.
#rendering:
#  charts: /var/cache/auditor/charts      # ~/.cache/auditor/charts by default
#  api_versions: [monitoring.coreos.com/v1]   # APIs that charts are told the cluster has
#  fail_on_missing_charts: false          # true: a chart that was not fetched makes a scan incomplete
#  history: new                           # landings rendered besides the tip: all | 90d (before it) | new (since the last
#                                         # scan) | tips (none). Their findings have the commit that brought them in

# The trail's signed checkpoints (`auditor trail init` makes a key). Copies prove something only where whoever can
# write the database cannot write: another machine's disk, a bucket with versions, a repository.
#trail:
#  key: /etc/auditor/trail.key
#  verifier_keys: ["example.com/audit+01234567+AbC…"]
#  copies: [/mnt/audit-checkpoints]

# Who requested, reviewed and merged a change: only a forge knows. Its token goes in AUDITOR_FORGE_TOKEN.
#forge:
#  kind: github            # github | gitlab | gitea (also Forgejo)
#  repository: acme/fleet
#  url: https://git.example.com    # a server of your own
#  groups:                 # members of teams that CODEOWNERS names
#    "@acme/platform": [ann-example, bob-example]
"""
