# Everything has the labels by which it is found.
package main

wanted_labels := ["app.kubernetes.io/name", "app.kubernetes.io/part-of"]

deny contains msg if {
	some label in wanted_labels
	not input.metadata.labels[label]
	msg := sprintf("%s: the label %s is missing", [named, label])
}
