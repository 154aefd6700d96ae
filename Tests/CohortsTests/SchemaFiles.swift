import Cohorts
import Statistics
import Tables

/// Small files of all eleven tables that break no rule, and edits of them.
struct SchemaFiles {
  /// An edit of a table: a text that occurs in it, and what takes its first place.
  struct Edit {
    let table: String
    let old: String
    let new: String

    init(_ table: String, _ old: String, _ new: String) {
      (self.table, self.old, self.new) = (table, old, new)
    }
  }

  static let clean: [String: String] = [
    "sites": """
    site_id,arm,launch_date,cohort
    S1,sib,2018-01-01,smi
    S2,non_sib,,smi

    """,
    "clients": """
    client_id,episode_no,site_id,arm,referral_date,referral_decision,accept_date,engagement_date,exit_date,last_contact_date,data_cut_date,age,sex,education,education_reason,motivation_1_5,imd_decile
    a1f,1,S1,sib,2019-01-07,accepted,2019-01-14,2019-01-28,2019-12-02,2019-12-02,2021-03-31,34,female,l1_2,,4,2
    b2e,1,S1,sib,2019-02-04,accepted,2019-02-11,2019-02-25,,2020-12-15,2021-03-31,45,male,none,,3,5
    c3d,1,S2,non_sib,2019-03-04,accepted,2019-03-12,2019-03-26,2019-11-05,2019-11-05,2021-03-31,29,male,,refused,5,8
    c3d,2,S2,non_sib,2020-01-06,accepted,2020-01-13,2020-01-27,,2020-12-10,2021-03-31,30,male,l3,,5,8
    d4c,1,S2,non_sib,2019-04-02,declined_client,,,,,2021-03-31,51,female,l4plus,,,3
    e5b,1,S2,non_sib,2019-05-07,accepted,2019-05-14,2019-05-28,,2020-12-01,2021-03-31,39,female,l1_2,,2,1

    """,
    "jobs": """
    job_id,client_id,episode_no,start_date,start_precision,end_earliest,end_latest,ongoing_at_last_contact,hours_per_week,competitive,verification,verification_date
    J1,a1f,1,2019-03-11,day,2019-10-04,2019-10-04,n,20,y,payslip,2019-04-02
    J2,b2e,1,2019-06-03,day,,,y,30,y,employer,2019-07-01
    J3,c3d,2,2020-03-02,month,2020-08-14,2020-08-31,n,18.5,y,rti,2020-04-20
    J4,e5b,1,2019-09-16,day,2020-02-13,2020-02-13,n,12,y,self_declared,

    """,
    "contracts": """
    contract_id,site_id,version,effective_from,effective_to
    K1,S1,1,2018-01-01,2019-12-31
    K1,S1,2,2020-01-01,2021-12-31

    """,
    "tariffs": """
    contract_id,version,outcome,hours_band,amount_gbp
    K1,1,job_start,ge16,1500
    K1,1,sustained,ge16,2500

    """,
    "payer_shares": """
    contract_id,version,outcome,payer,share,valid_from,valid_to
    K1,1,job_start,commissioner,0.6,2018-01-01,2019-12-31
    K1,1,job_start,sof,0.4,2018-01-01,2018-12-31
    K1,1,job_start,lcf,0.4,2019-01-01,2019-12-31

    """,
    "payer_caps": """
    payer,contract_id,valid_from,valid_to,cap_gbp,source
    sof,,2018-01-01,2018-12-31,990000,contract
    commissioner,K1,,,50000,contract

    """,
    "targets": """
    contract_id,target_version,set_on,case,period,outcome,expected_n
    K1,1,2017-12-01,median,2019Q1,job_start,4
    K1,1,2017-12-01,median,2019Q2,job_start,5

    """,
    "costs": """
    site_id,period,category,amount_gbp,borne_by
    S1,2019Q1,delivery,25000,commissioner

    """,
    "claims": """
    claim_id,client_id,job_id,outcome,event_date,claimed_date,paid_date,status,amount_gbp
    C1,a1f,J1,job_start,2019-03-11,2019-04-05,2019-05-01,paid,1500
    C2,a1f,J1,sustained,2019-06-10,2019-07-05,2019-08-01,paid,2500

    """,
    "site_periods": """
    site_id,period,referrals,accepted,engaged,starts,sustained
    S1,2019-01,10,8,6,2,0
    S1,2019-02,9,8,7,3,2

    """,
  ]

  /// The tables of the clean files after some edits; of all files unless some are named.
  static func tables(
    _ edits: [Edit] = [], only names: [String]? = nil
  ) throws(SiblingError) -> [String: Table] {
    var files = clean
    for edit in edits {
      let text = files[edit.table] ?? ""
      guard let range = text.firstRange(of: edit.old) else {
        throw SiblingError(.internalError, "\(edit.table) does not hold \(edit.old)")
      }
      files[edit.table] = text.replacingCharacters(in: range, with: edit.new)
    }
    var tables: [String: Table] = [:]
    for (name, text) in files where names?.contains(name) ?? true {
      tables[name] = try CSVReader().read(bytes: Array(text.utf8), name: "\(name).csv")
    }
    return tables
  }

  /// What breaks a rule after some edits.
  static func violations(
    _ edits: [Edit], only names: [String]? = nil
  ) throws(SiblingError) -> [DataViolations] {
    CohortValidation(try tables(edits, only: names)).violations
  }
}

extension String {
  fileprivate func replacingCharacters(in range: Range<String.Index>, with text: String) -> String {
    self[..<range.lowerBound] + text + self[range.upperBound...]
  }
}
