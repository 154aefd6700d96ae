import warnings; warnings.filterwarnings('ignore')
import contextlib, io, json, sys
import numpy as np, pandas as pd
from csdid.att_gt import ATTgt
d=pd.read_csv(sys.argv[1]).rename(columns={'first.treat':'g'})
out={}
def run(key,data,m,xf,panel,ub,control='nevertreated',**kw):
    with contextlib.redirect_stdout(io.StringIO()):
        a=ATTgt(yname='lemp',tname='year',idname='countyreal' if panel else None,gname='g',data=data,control_group=[control],xformla=xf,panel=panel,allow_unbalanced_panel=ub,**kw).fit(est_method=m,bstrap=False)
        r=a.results
        o={'att':[float(x) for x in r['att']],'se':[float(x) for x in r['se']],'agg':{}}
        for k in ['simple','dynamic','group','calendar']:
            g=a.aggte(typec=k,bstrap=False,cband=False)
            o['agg'][k]={'overall':float(g.atte['overall_att']),'overall_se':float(np.ravel(g.atte['overall_se'])[0])}
    out[key]=o
for m in ['dr','reg','ipw']:
    for xn,xf in [('nox',None),('lpop','~lpop')]:
        run(f'rc_{m}_{xn}',d,m,xf,False,False)
        e=d[~((d.countyreal%7==0)&(d.year==2005))]
        run(f'unbalanced_{m}_{xn}',e,m,xf,True,True)
run('rc_dr_lpop_notyet',d,'dr','~lpop',False,False,control='notyettreated')
d['w']=1+d.countyreal%3
run('weighted_dr_lpop',d,'dr','~lpop',True,False,weights_name='w')
run('rc_weighted_dr_lpop',d,'dr','~lpop',False,False,weights_name='w')
d['cl']=d.countyreal%17
run('clustered_dr_nox',d,'dr',None,True,False,clustervar='cl')
json.dump(out,open('did_rows_mpdta.json','w'),indent=0)
