using WebApi.Endpoints;
using WebApi.Inference;
using WebApi.Lifetime;
using WebApi.Metrics;
using WebApi.Options;

// The settings lie beside the program, wherever it is started from.
var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });

var serving = ServingOptionsRules.Read(builder.Configuration, out var complaints);
foreach (var complaint in complaints)
    await Console.Error.WriteLineAsync(complaint);
if (complaints.Count > 0)
    return 1;

builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = serving.ShutdownTimeout);
builder.WebHost.ConfigureKestrel(kestrel =>
{
    kestrel.Limits.MaxRequestBodySize = serving.MaxBodyBytes;
    kestrel.Limits.MaxConcurrentConnections = serving.MaxConnections;
    kestrel.AddServerHeader = false;
});

builder.Services.AddSingleton(serving);
builder.Services.AddSingleton<DrainState>();
builder.Services.AddSingleton<RequestMetrics>();
builder.Services.AddSingleton<JobQueue>();
builder.Services.AddSingleton<Workers>();
builder.Services.AddHostedService(services => services.GetRequiredService<Workers>());
builder.Services.AddHostedService<DrainAnnouncement>();
builder.Services.AddProblemDetails();

var app = builder.Build();
app.UseMiddleware<CloseWhileDraining>();
app.UseWhen(context => context.Request.Path == ClassifyEndpoint.Path, branch => branch.UseMiddleware<RequestMetricsMiddleware>());
app.UseExceptionHandler();
app.UseStatusCodePages();

app.MapPost(ClassifyEndpoint.Path, ClassifyEndpoint.HandleAsync);
app.MapGet("/model", ModelEndpoint.Describe);
app.MapGet("/health/live", HealthEndpoints.Live);
app.MapGet("/health/ready", HealthEndpoints.Ready);
app.MapGet("/metrics", MetricsEndpoint.Write);
await app.RunAsync();
return 0;
