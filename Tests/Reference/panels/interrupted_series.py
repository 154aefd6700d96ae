import pandas as pd, numpy as np, statsmodels.api as sm, json
from statsmodels.stats.diagnostic import acorr_breusch_godfrey
from statsmodels.stats.stattools import durbin_watson
a=pd.read_csv("interrupted_series.csv").query("treated==1")
t=a.time.values; L=(t>=29)*1.; X=np.column_stack([np.ones(48),t-1,L,L*(t-29)])
r=sm.OLS(a.y.values,X).fit()
lm,p,_,_=acorr_breusch_godfrey(r,nlags=3)
# Cochrane-Orcutt by hand: the first point dropped, iterated
b=r.params; rho=0
for i in range(1000):
    e=a.y.values-X@b; n=(e[1:]@e[:-1])/(e[:-1]@e[:-1])
    if abs(n-rho)<1e-15: break
    rho=n; Y=a.y.values[1:]-rho*a.y.values[:-1]; Z=X[1:]-rho*X[:-1]
    b=np.linalg.lstsq(Z,Y,rcond=None)[0]
s2=((Y-Z@b)**2).sum()/(47-4); se=np.sqrt(np.diag(s2*np.linalg.inv(Z.T@Z)))
json.dump({"dw":durbin_watson(r.resid),"bg":[lm,p],"co":{"b":b.tolist(),"se":se.tolist(),"rho":rho}},open("interrupted_series_py.json","w"))
