# METADATA
# title: "A policy allows everything"
# description: >-
#   Every action on every resource, or the provider's administrator or owner role. Whoever has it, has
#   the account. Policies that are made by expressions are not judged.
# related_resources:
#   - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege
#   - ref: https://cloud.google.com/iam/docs/roles-overview
# custom:
#   id: AUD-TF-0013
#   severity: high
#   kinds:
#     - terraform/aws_iam_policy
#     - terraform/aws_iam_role_policy
#     - terraform/aws_iam_user_policy
#     - terraform/aws_iam_group_policy
#     - terraform/data.aws_iam_policy_document
#     - terraform/aws_iam_role_policy_attachment
#     - terraform/aws_iam_user_policy_attachment
#     - terraform/aws_iam_group_policy_attachment
#     - terraform/aws_iam_policy_attachment
#     - terraform/google_project_iam_member
#     - terraform/google_project_iam_binding
#     - terraform/google_organization_iam_member
#     - terraform/google_folder_iam_member
#   remediation: >-
#     Name the actions and resources that are needed.
#   reads:
#     - kind
#     - body.policy
#     - body.policy_arn
#     - body.role
#     - body.statement
#   since: 0.1.0
package auditor.terraform.iam_wildcard

import data.auditor.lib.terraform

findings contains {
	"message": "every action on every resource is allowed",
	"pointer": statement.pointer,
	"details": {},
} if {
	some statement in statements
	object.get(statement.value, "Effect", "Allow") == "Allow"
	some action in terraform.as_list(object.get(statement.value, "Action", null))
	action in {"*", "*:*"}
	some resource in terraform.as_list(object.get(statement.value, "Resource", null))
	resource == "*"
}

findings contains {
	"message": "the policy AdministratorAccess is attached",
	"pointer": "body.policy_arn",
	"details": {},
} if {
	endswith(input.resource.body.policy_arn, ":aws:policy/AdministratorAccess")
}

findings contains {
	"message": "the role owner is given",
	"pointer": "body.role",
	"details": {},
} if {
	input.resource.body.role == "roles/owner"
}

# jsonencode({…}), which is an object here, or the document as text.
document := input.resource.body.policy if is_object(input.resource.body.policy)

document := json.unmarshal(input.resource.body.policy) if {
	is_string(input.resource.body.policy)
	json.is_valid(input.resource.body.policy)
}

statements contains {"pointer": "body.policy", "value": document.Statement} if is_object(document.Statement)

statements contains {"pointer": pointer, "value": statement} if {
	some index, statement in document.Statement
	is_object(statement)
	pointer := place(index)
}

place(index) := sprintf("body.policy.Statement[%d]", [index]) if is_object(input.resource.body.policy)

place(_) := "body.policy" if is_string(input.resource.body.policy)

statements contains {"pointer": block.pointer, "value": statement} if {
	input.resource.kind == "data.aws_iam_policy_document"
	some block in terraform.blocks.statement
	statement := {
		"Effect": object.get(block.value, "effect", "Allow"),
		"Action": object.get(block.value, "actions", []),
		"Resource": object.get(block.value, "resources", []),
	}
}
