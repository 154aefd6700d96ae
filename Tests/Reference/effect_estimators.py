"""Effects by plain numpy: every estimate by its formula, every neighbour by brute force.

python effect_estimators.py lalonde.csv nsw_experiment.csv > effect_estimators.json

M-estimation solves the stacked system with derivatives by complex steps; nothing here shares code
or shortcuts with the project. The logistic fit was checked against statsmodels 0.14.
"""
import json
import sys

import numpy as np
import pandas as pd

out={}
def newton(X,t,w=None,off=None):
    w=np.ones(len(t)) if w is None else w
    mu=X[w>0].mean(0); sd=X[w>0].std(0); sd[0]=1; mu[0]=0
    keep=sd>0
    Z=(X-mu)/np.where(sd>0,sd,1); Z[:,~keep]=0
    # undo centring only through intercept
    b=np.zeros(X.shape[1])
    for _ in range(200):
        eta=Z@b; p=1/(1+np.exp(-eta)); g=Z.T@(w*(t-p)); H=(Z*(w*p*(1-p))[:,None]).T@Z
        H=H+np.diag((~keep)*1.0)
        s=np.linalg.solve(H,g); b=b+s
        if np.abs(s).max()<1e-14: break
    bb=b/np.where(sd>0,sd,1); bb[0]=b[0]-(b[1:]*mu[1:]/np.where(sd[1:]>0,sd[1:],1)).sum()
    return bb
ex=lambda v:1/(1+np.exp(-v))
def wls(X,y,w):
    return np.linalg.lstsq(X*np.sqrt(w)[:,None],y*np.sqrt(w),rcond=None)[0]
L=pd.read_csv(sys.argv[1]); n=len(L)
X=np.column_stack([np.ones(n),L.age,L.educ,L.race=='hispan',L.race=='white',L.married,L.nodegree,L.re74,L.re75]).astype(float)
Xs=X.copy(); 
t=L.treat.values.astype(float); y=L.re78.values.astype(float); emp=(y>0)*1.0
b=newton(X,t); p=ex(X@b)
Xb=X[:,[0,1,2,5,6,7,8]]  # without race, binary outcome
def parts(est,m1,m0,p,yy,w):
    if est=='ATE': f=w; r1=w*t/p; r0=w*(1-t)/(1-p)
    if est=='ATT': f=w*t; r1=w*t; r0=w*(1-t)*p/(1-p)
    if est=='ATC': f=w*(1-t); r1=w*t*(1-p)/p; r0=w*(1-t)
    F=f.sum()
    mu1=(f*m1+r1*(yy-m1)).sum()/F; mu0=(f*m0+r0*(yy-m0)).sum()/F
    i1=(f*(m1-mu1)+r1*(yy-m1))/F; i0=(f*(m0-mu0)+r0*(yy-m0))/F
    return mu1,mu0,i1,i0,r1,r0
def rep(mu1,mu0,i1,i0,cl=None,fac=True):
    def se(v):
        if cl is not None:
            v=pd.Series(v).groupby(cl).sum().values
        N=len(v); return float(np.sqrt((v**2).sum()*(N/(N-1) if fac else 1)))
    d={'diff':mu1-mu0,'se':se(i1-i0)}
    if mu1>0 and mu0>0: d.update(logrr=float(np.log(mu1/mu0)),serr=se(i1/mu1-i0/mu0))
    if 0<mu1<1 and 0<mu0<1: d.update(logor=float(np.log(mu1/(1-mu1)/(mu0/(1-mu0)))),seor=se(i1/mu1/(1-mu1)-i0/mu0/(1-mu0)))
    return {k:float(v) for k,v in d.items()}
w1=np.ones(n); educ=L.educ.values
for est in ('ATE','ATT','ATC'):
    m1=X@wls(X,y,t); m0=X@wls(X,y,1-t)
    r=parts(est,m1,m0,p,y,w1); out['aipw_'+est]=rep(*r[:4]); out['aipw_educ_'+est]=rep(*r[:4],cl=educ)
    q1=ex(Xb@newton(Xb,emp,t)); q0=ex(Xb@newton(Xb,emp,1-t))
    r=parts(est,q1,q0,p,emp,w1); out['aipw_employed_'+est]=rep(*r[:4])
    # tmle
    for nm,yy,XX in (('tmle_',y,X),('tmle_employed_',emp,Xb)):
        a,c=yy.min(),yy.max(); u=(yy-a)/(c-a)
        Q=[]
        for arm,g in ((1,t),(0,1-t)):
            q=ex(XX@newton(XX,u,g)); rr=parts(est,q,q,p,u,w1)[4 if arm else 5]
            e=0.0; lo=np.log(q/(1-q))
            for _ in range(100):
                qq=ex(lo+e); s=(rr*(u-qq)).sum()/(rr*qq*(1-qq)).sum(); e+=s
                if abs(s)<1e-16: break
            Q.append(a+(c-a)*ex(lo+e))
        r=parts(est,Q[0],Q[1],p,yy,w1); out[nm+est]=rep(*r[:4])
# sampling weights
sw=0.5+(L.age.values%7)/4
b2=newton(X,t,sw); p2=ex(X@b2)
m1=X@wls(X,y,t*sw); m0=X@wls(X,y,(1-t)*sw); r=parts('ATE',m1,m0,p2,y,sw); out['aipw_weighted_ATE']=rep(*r[:4])
# M-estimation for ipw logit with difference and gcomp, by numerical stacking
def stack(est,yy,gcomp,cl=None,logit=False,XX=X):
    k=X.shape[1]
    Xo=np.column_stack([np.ones(n),t]+([XX[:,1:],XX[:,1:]*t[:,None]] if gcomp else []))
    X1=np.column_stack([np.ones(n),np.ones(n)]+([XX[:,1:],XX[:,1:]] if gcomp else []))
    X0=np.column_stack([np.ones(n),np.zeros(n)]+([XX[:,1:],0*XX[:,1:]] if gcomp else []))
    def wt(p):
        return {'ATE':t/p+(1-t)/(1-p),'ATT':t+(1-t)*p/(1-p),'ATC':t*(1-p)/p+(1-t),'ATO':t*(1-p)+(1-t)*p}[est]
    w=wt(p)
    sc=np.where(np.abs(Xo).max(0)>0,np.abs(Xo).max(0),1)
    if logit: be=newton(Xo,yy,w); h=ex
    else: be=wls(Xo/sc,yy,w)/sc; h=lambda v:v
    tg=w*{'ATE':1,'ATO':1,'ATT':t,'ATC':1-t}[est]
    mu1=(tg*h(X1@be)).sum()/tg.sum(); mu0=(tg*h(X0@be)).sum()/tg.sum()
    # analytic stacked derivative by complex step
    sx=np.abs(X).max(0)
    th=np.concatenate([b*sx,be*sc,[mu1,mu0]])
    def psi(th):
        bb=th[:k]/sx; bo=th[k:-2]/sc; pp=1/(1+np.exp(-X@bb)); ww={'ATE':t/pp+(1-t)/(1-pp),'ATT':t+(1-t)*pp/(1-pp),'ATC':t*(1-pp)/pp+(1-t),'ATO':t*(1-pp)+(1-t)*pp}[est]
        hh=(lambda v:1/(1+np.exp(-v))) if logit else (lambda v:v)
        tg=ww*{'ATE':1,'ATO':1,'ATT':t,'ATC':1-t}[est]
        return np.column_stack([(X/sx)*(t-pp)[:,None],(Xo/sc)*(ww*(yy-hh(Xo@bo)))[:,None],tg*(hh(X1@bo)-th[-2]),tg*(hh(X0@bo)-th[-1])])
    q=len(th); J=np.zeros((q,q))
    for j in range(q):
        z=th.astype(complex); z[j]+=1e-30j; J[:,j]=psi(z).sum(0).imag/1e-30
    IF=-np.linalg.solve(J,psi(th).T).T
    i1,i0=IF[:,-2],IF[:,-1]
    d=rep(mu1,mu0,i1,i0,cl,fac=cl is not None); return d
for est in ('ATE','ATT','ATC','ATO'):
    out['m_diff_'+est]=stack(est,y,False); out['m_gcomp_'+est]=stack(est,y,True); 
    out['m_diff_educ_'+est]=stack(est,y,False,cl=educ); out['m_gcomp_employed_'+est]=stack(est,emp,True,logit=True,XX=Xb)
# M-estimation for aipw: score, both outcome models and both means in one system, by complex steps;
# 'steps' is the same standard error with the Jacobian by central differences instead
def stackdr(est,yy,logit=False,XX=X,sw=w1,cl=None,inside=w1):
    sx=np.abs(X).max(0); so=np.abs(XX).max(0); Z=X/sx; V=XX/so; k,q=Z.shape[1],V.shape[1]
    h=ex if logit else (lambda v:v)
    bs=newton(X,t,sw)*sx
    bo=[newton(XX,yy,sw*g)*so if logit else wls(V,yy,sw*g) for g in (t,1-t)]
    tg=sw*inside
    def psi(th):
        pp=ex(Z@th[:k]); a,c=h(V@th[k:k+q]),h(V@th[k+q:k+2*q]); m1,m0=th[-2:]
        f,r1,r0={'ATE':(tg,tg*t/pp,tg*(1-t)/(1-pp)),'ATT':(tg*t,tg*t,tg*(1-t)*pp/(1-pp)),
            'ATC':(tg*(1-t),tg*t*(1-pp)/pp,tg*(1-t))}[est]
        return np.column_stack([Z*(sw*(t-pp))[:,None],V*(sw*t*(yy-a))[:,None],
            V*(sw*(1-t)*(yy-c))[:,None],f*(a-m1)+r1*(yy-a),f*(c-m0)+r0*(yy-c)])
    th=np.concatenate([bs]+bo+[[0,0]]); f=tg*{'ATE':w1,'ATT':t,'ATC':1-t}[est]
    th[-2:]=psi(th)[:,-2:].sum(0)/f.sum()
    N=len(th); J=np.zeros((N,N)); D=J.copy()
    for j in range(N):
        z=th.astype(complex); z[j]+=1e-30j; J[:,j]=psi(z).sum(0).imag/1e-30
        e=np.zeros(N); e[j]=1e-5*max(1,abs(th[j])); D[:,j]=(psi(th+e)-psi(th-e)).sum(0)/(2*e[j])
    d,s=[rep(th[-2],th[-1],*(-np.linalg.solve(A,psi(th).T).T[:,-2:].T),cl,fac=cl is not None)
        for A in (J,D)]
    assert all(abs(s[v]/d[v]-1)<1e-6 for v in d),(d,s)
    d['steps']=s['se']; return d
for est in ('ATE','ATT','ATC'):
    out['m_aipw_'+est]=stackdr(est,y); out['m_aipw_educ_'+est]=stackdr(est,y,cl=educ)
    out['m_aipw_employed_'+est]=stackdr(est,emp,logit=True,XX=Xb)
    out['m_aipw_weighted_'+est]=stackdr(est,y,sw=sw)
    out['m_aipw_young_'+est]=stackdr(est,y,sw=sw,inside=(L.age.values<25)*1.0)
# Abadie-Imbens, brute force
def ai(est,score,dist,X,t,y,M=1,J=0,adj=None,corr=None):
    n=len(t); D=np.abs(score[:,None]-score[None,:]); g=[np.where(t==a)[0] for a in (0,1)]
    def near(i,grp,M):
        d=D[i,grp]; cut=np.sort(d)[M-1]; return grp[d<=cut]
    focal=[i for i in range(n) if est=='ATE' or (est=='ATT')==(t[i]==1)]
    K=np.zeros(n);K2=np.zeros(n); H={}
    for i in range(n):
        H[i]=near(i,g[1-int(t[i])],M)
        if i in set(focal): K[H[i]]+=1/len(H[i]); K2[H[i]]+=1/len(H[i])**2
    pred=np.zeros((2,n))
    if adj is not None:
        for a in (0,1):
            w=K*(t==a)
            if w.sum()>0: pred[a]=(adj/np.abs(adj).max(0))@wls(adj/np.abs(adj).max(0),y,w)
    Y=np.zeros((2,n))
    for i in range(n):
        a=int(t[i]); Y[a,i]=y[i]; o=1-a; Y[o,i]=(y[H[i]]-pred[o][H[i]]).mean()+pred[o][i]
    f=np.array(focal); mu1,mu0=Y[1][f].mean(),Y[0][f].mean(); N=len(f); tau=mu1-mu0
    if J==0:
        s=0
        for i in focal:
            a=int(t[i]); o=1-a; sg=1 if a else -1
            s+=((sg*(y[i]-(y[H[i]]+pred[o][i]-pred[o][H[i]]))-tau)**2).mean()
        s2=np.full(n,s/(2*N))
    else:
        s2=np.zeros(n)
        for i in range(n):
            Q=near(i,g[int(t[i])],J+1); Q=Q[Q!=i]; q=len(Q); s2[i]=q/(q+1)*(y[i]-y[Q].mean())**2
    C=np.zeros((2,2)); A=np.vstack([Y[1][f]-mu1,Y[0][f]-mu0]); C+=A@A.T
    fac=K**2-K2+np.array([2*K[i] if i in set(focal) else 0 for i in range(n)])
    C[0,0]+=(fac*s2)[t==1].sum(); C[1,1]+=(fac*s2)[t==0].sum(); C/=N*N
    if corr is not None:
        pp,Xc=corr; Lx=max(2,J+1); fl=pp*(1-pp); V=np.linalg.inv((Xc*(fl)[:,None]).T@Xc)
        cov=np.zeros((2,n,Xc.shape[1]))
        for a in (0,1):
            for i in range(n):
                Q=near(i,g[a],Lx); cov[a,i]=((Xc[Q]-Xc[Q].mean(0))*(y[Q]-y[Q].mean())[:,None]).sum(0)/(len(Q)-1)
        if est=='ATE':
            c=[(fl[:,None]*cov[1]/pp[:,None]).sum(0)/N,-(fl[:,None]*cov[0]/(1-pp)[:,None]).sum(0)/N]; gm=None
        else:
            sg=1 if est=='ATT' else -1
            sh=[(sg*fl*(Y[a]-m))@Xc for a,m in ((1,mu1),(0,mu0))]
            if est=='ATT': o1=fl[:,None]*cov[1]; o0=-(fl*pp/(1-pp))[:,None]*cov[0]
            else: o1=(fl*(1-pp)/pp)[:,None]*cov[1]; o0=-fl[:,None]*cov[0]
            c=[(sh[0]+o1.sum(0))/N,(sh[1]+o0.sum(0))/N]
            gm=[(sh[0]+(sg*fl[:,None]*cov[1]).sum(0))/N,(sh[1]+(sg*fl[:,None]*cov[0]).sum(0))/N]
        for i in range(2):
            for j in range(2):
                C[i,j]-=c[i]@V@c[j]
                if gm is not None: C[i,j]+=gm[i]@V@gm[j]
    v=C[0,0]+C[1,1]-2*C[0,1]; return {'estimate':float(tau),'se':float(np.sqrt(v))}
d=pd.read_csv(sys.argv[2]); T=d.treat.values.astype(int); m=len(T)
Xn=np.column_stack([np.ones(m),d.age,d.age**2,d.educ,d.educ**2,d.black,d.hisp,d.marr,d.nodegree,d.re74,d.re74**2,d.re75,d.re75**2,d.re74==0,d.re75==0]).astype(float)
bn=newton(Xn,T.astype(float)); pn=ex(Xn@bn)
_,inv=np.unique(Xn,axis=0,return_inverse=True); inv=inv.ravel(); u=np.zeros(inv.max()+1); u[inv]=pn; pn=u[inv]
Xsc=Xn/np.abs(Xn).max(0); yn=d.re78.values.astype(float)
for est in ('ATT','ATC','ATE'):
    for M,J in ((1,0),(1,2),(3,1)):
        for a in (0,1):
            for c in (0,1):
                out[f'ai_{est}_m{M}_j{J}_adj{a}_corr{c}']=ai(est,pn,None,Xn,T,yn,M,J,Xn if a else None,(pn,Xsc) if c else None)
json.dump(out,sys.stdout,indent=1)
