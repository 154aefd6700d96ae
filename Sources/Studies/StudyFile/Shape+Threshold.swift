// The hazard of job ends after a payment threshold, in the study file.

extension Shape {
  static let paymentThreshold = Shape.fields(
    "payment threshold",
    [
      Field(
        "weeks", .scalar(.number), required: true, "Length of a job that is paid for, in weeks."),
      Field(
        "width", .scalar(.number),
        "Weeks right after it, and on either side, that are compared; 2 unless given."),
      Field(
        "length", .scalar(.text), "Column of the jobs' lengths in weeks; first_job_weeks if absent."
      ),
      Field(
        "ended", .scalar(.text),
        "Column (0/1) that says whether the job was seen to end; first_job_lost if absent."),
    ])
}
