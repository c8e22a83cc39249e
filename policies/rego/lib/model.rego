# What the model of a release is, by its evidence.
package falaj.model

import data.falaj.subject

release := object.get(input, "release", null)

# It answers with a number, or else yes or no.
regression if subject.at(release, "task") == "regression"

# Whether its rows are persons'. Only who says that none is, is believed: the workload's tables say so.
default personal := true

personal := false if subject.at(release, "data.persons") == false
