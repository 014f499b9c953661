// Two minds: how far apart teacher and student are in what they would do next at a place, as a halo.

const HALO = 6; // pixels for each nat
const WIDEST = 12;
const SCARCE = 1e-6; // a choice that the student knows less of counts as this

/** KL of the student's next choices from the teacher's, at the temperature that is seen, in nats. */
function apart(view, id) {
  const { teacher, student } = view.choices;
  const ways = (student && view.families.get(id)) ?? [];
  return sum(ways, (way) => {
    const believed = teacher.get(way.id);
    return believed > 0 ? believed * Math.log(believed / Math.max(student.get(way.id), SCARCE)) : 0;
  });
}

function haloOf(view, id) {
  return Math.min(WIDEST, HALO * Math.max(0, apart(view, id)));
}
