# La página del programa de afiliados.

affiliates-none = No participas en el programa de afiliados de { $portal }.
affiliates-link = Tu enlace
affiliates-link-hint = Compártelo: los clics y las ventas que lleguen por él cuentan para ti.
affiliates-paused = { $portal } ha pausado tu enlace: por ahora no se cuentan los clics.
affiliates-copy = Copiar enlace
affiliates-copied = Copiado
affiliates-clicks = Clics
affiliates-sales = Ventas
affiliates-sum-pending = Comisión pendiente
affiliates-sum-approved = Comisión aprobada
affiliates-sum-paid = Comisión pagada
affiliates-sum-denied = Comisión denegada
affiliates-last-sales = Últimas ventas
affiliates-no-sales = Todavía no hay ventas.
affiliates-date = Fecha
affiliates-amount = Importe
affiliates-commission = Comisión
affiliates-status = Estado
affiliates-pending = Pendiente
affiliates-approved = Aprobada
affiliates-paid = Pagada
affiliates-denied = Denegada
