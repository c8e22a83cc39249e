# The clusters that Ray's own types make.
package falaj.ray

import data.falaj.pod
import data.falaj.subject

# Where each type keeps its cluster.
paths := {
	"kubernetes:ray.io:RayCluster": "spec",
	"kubernetes:ray.io:RayJob": "spec.rayClusterSpec",
	"kubernetes:ray.io:RayService": "spec.rayClusterConfig",
}

# {urn: {resource, path}} of every cluster; a job that runs on another's makes none.
clusters := {urn: {"resource": resource, "path": path} |
	some type, path in paths
	some urn, resource in subject.by_type[type]
	not pod.borrows(resource)
}

# {path: container} of the containers that run Ray: the first of the head's pod and of each worker group's.
containers(cluster) := {at: container |
	some at, container in pod.containers(cluster.resource)
	startswith(at, concat("", [cluster.path, "."]))
	regex.match(`GroupSpecs?(\[\d+\])?\.template\.spec\.containers(\[0\])?$`, at)
}
