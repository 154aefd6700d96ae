# Readings of unknown outcomes: lm with vcovHC (sandwich) and vcovCR (clubSandwich), a stacked sandwich by numerical derivatives.
# Two arms, eight sites, integers only, so that any program makes the same data.
n <- 240; i <- 0:(n-1)
site <- i %% 8
arm <- as.numeric(site < 4)
x1 <- ((i*37) %% 101)/101 - 0.5
x2 <- as.numeric(((i*53) %% 97) < 40)
u <- ((i*71) %% 113)/113
y <- as.numeric(u < 0.35 + 0.12*arm + 0.2*x1 - 0.1*x2 + 0.03*(site %% 3))
v <- ((i*29) %% 127)/127
r <- as.numeric(v < 0.78 - 0.12*arm + 0.25*x1 + 0.1*x2*arm)
yo <- ifelse(r==1, y, NA)
cat(mean(r[arm==1]), mean(r[arm==0]), mean(yo,na.rm=TRUE),"\n")
library(clubSandwich)
d <- data.frame(y=yo,arm,x1,x2,site,r)
out <- list()
lin <- function(d, pop, w=NULL, cl=TRUE) {
  d$c1 <- d$x1-mean(pop$x1); d$c2 <- d$x2-mean(pop$x2)
  lm(y ~ arm*(c1+c2), data=d)
}
cc <- d[d$r==1,]
f <- lin(cc, cc)
V <- vcovCR(f, cc$site, type="CR2"); t <- coef_test(f, vcov=V)
print(t["arm",], digits=15); print(sqrt(diag(V))["arm"],digits=16)
library(sandwich)
print(c(coef(f)["arm"], hc2=sqrt(vcovHC(f,type="HC2")["arm","arm"])), digits=16)
# filled
for (nm in c("no","worst","best")) {
 z <- d; z$y <- ifelse(d$r==1, y, switch(nm,no=0,worst=1-arm,best=arm))
 f <- lin(z,z); V <- vcovCR(f, z$site, type="CR2"); t <- coef_test(f, vcov=V)
 cat(nm, format(c(coef(f)["arm"], sqrt(V["arm","arm"]), t["arm","df_Satt"], sqrt(vcovHC(f,type="HC2")["arm","arm"])),digits=16),"\n")
}
# ATT complete-case
f <- lin(cc, cc[cc$arm==1,]); cat("att", format(c(coef(f)["arm"], sqrt(vcovHC(f,type="HC2")["arm","arm"])),digits=16),"\n")
# IPCW without truncation
w <- rep(0,n); p <- rep(NA,n); share <- c(mean(r[arm==0]),mean(r[arm==1]))
ctl <- glm.control(epsilon=1e-15,maxit=100)
for (a in 0:1) { g <- glm(r ~ x1+x2, family=binomial, data=d[arm==a,], control=ctl); p[arm==a] <- fitted(g) }
w <- ifelse(r==1, share[arm+1]/p, 0)
z <- d[r==1,]; z$c1 <- z$x1-mean(x1); z$c2 <- z$x2-mean(x2); z$w <- w[r==1]
f <- lm(y ~ arm*(c1+c2), data=z, weights=w)
X <- model.matrix(f); e <- z$y - X%*%coef(f)
A <- solve(t(X)%*%(X*z$w)); tt <- A[,"arm"]
cc_ <- z$w*(X%*%tt); h <- rowSums((X%*%A)*X)*z$w
sc <- rep(0,n); sc[r==1] <- cc_*e/sqrt(1-h); raw <- rep(0,n); raw[r==1] <- cc_*e
slope <- rep(0,n); slope[r==1] <- cc_*e
inf <- rep(0,n)
for (a in 0:1) { k <- arm==a; Z <- cbind(1,x1,x2)[k,]; I <- solve(t(Z)%*%(Z*(p*(1-p))[k]))
 g <- -t(Z)%*%(slope*(1-p))[k]; inf[k] <- (Z%*%I%*%g)*(r-p)[k] + sum(slope[k])/share[a+1]*(r-share[a+1])[k]/sum(k) }
cat("ipcw", format(c(coef(f)["arm"], sqrt(sum((sc+inf)^2)), sqrt(sum((raw+inf)^2))),digits=16),"\n")
# clustered: CR2 with working variances 1/w plus the weights' influence
V <- vcovCR(f, z$site, type="CR2", target=1/z$w, inverse_var=TRUE)
cat("ipcw known weights CR2", format(c(sqrt(V["arm","arm"]), coef_test(f,vcov=V)["arm","df_Satt"]),digits=16),"\n")
# stacked sandwich by numerical derivative: all estimating equations at once
psi <- function(th){ # th: g1(3) g0(3) s1 s0 beta(6)
 g1<-th[1:3];g0<-th[4:6];s1<-th[7];s0<-th[8];b<-th[9:14]
 Z<-cbind(1,x1,x2); pp<-plogis(ifelse(arm==1,Z%*%g1,Z%*%g0))
 w<-r*ifelse(arm==1,s1,s0)/pp; c1<-x1-mean(x1); c2<-x2-mean(x2); XX<-cbind(1,arm,c1,c2,arm*c1,arm*c2)
 ee<-w*(ifelse(r==1,y,0)-XX%*%b)
 cbind(Z*as.numeric(arm*(r-pp)), Z*as.numeric((1-arm)*(r-pp)), arm*(r-s1),(1-arm)*(r-s0), XX*as.numeric(ee)) }
g1<-coef(glm(r~x1+x2,binomial,subset=arm==1,control=ctl)); g0<-coef(glm(r~x1+x2,binomial,subset=arm==0,control=ctl))
th<-c(g1,g0,share[2],share[1],coef(f)); th <- unname(th)
S<-psi(th); M<-sapply(1:14,function(j){h<-1e-5;a<-th;b<-th;a[j]<-a[j]+h;b[j]<-b[j]-h;(colSums(psi(a))-colSums(psi(b)))/(2*h)})
IA<-solve(M); VV<-IA%*%crossprod(S)%*%t(IA); cat("stacked HC0", format(sqrt(VV[10,10]),digits=10),"\n")
Sg<-rowsum(S,site); VG<-IA%*%crossprod(Sg)%*%t(IA); cat("stacked CR0", format(sqrt(VG[10,10]),digits=10),"\n")
zz <- as.data.frame(X*sqrt(z$w)); names(zz) <- paste0("v",1:6); zz$yy <- z$y*sqrt(z$w)
f2 <- lm(yy ~ v1+v2+v3+v4+v5+v6-1, data=zz)
V2 <- vcovCR(f2, z$site, type="CR2"); cat("ipcw transformed", format(c(sqrt(V2["v2","v2"]), coef_test(f2,vcov=V2)["v2","df_Satt"]),digits=16),"\n")
# CR2 scores with the weights' influence: (I - H_gg)^(-1/2) by eigenvalues
Q <- as.matrix(zz[,1:6]); AA <- solve(crossprod(Q)); H <- Q%*%AA%*%t(Q); e2 <- resid(f2); S <- 0
full <- rep(0,8); gi <- tapply(inf, site, sum)
for (g in 0:7) { k <- which(z$site==g); ev <- eigen(diag(length(k))-H[k,k], symmetric=TRUE)
  Ag <- ev$vectors %*% diag(1/sqrt(ev$values)) %*% t(ev$vectors)
  full[g+1] <- (AA%*%t(Q[k,])%*%Ag%*%e2[k])[2] }
cat("ipcw CR2 stacked", format(c(sqrt(sum(full^2)), sqrt(sum((full+gi)^2))),digits=16),"\n")
