using Microsoft.Extensions.Logging.Console;
using Queued.Daemon.Edge;
using Queued.Daemon.Hosting.Configuration;

namespace Queued.Daemon.Hosting;

/// <summary>
/// One line, or one JSON object, for each event; all of it to stderr, because stdout has the ready line alone.
/// </summary>
internal static class DaemonLogging
{
    public static void Configure(ILoggingBuilder logging, DaemonSection settings)
    {
        logging.SetMinimumLevel(settings.LogLevel);
        // What keeps the host from starting is told by whoever started it, once.
        logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        if (settings.LogLevel >= LogLevel.Information)
        {
            // The framework's own events are about requests and hosting, for whoever debugs those.
            logging.AddFilter("Microsoft", LogLevel.Warning);
            logging.AddFilter("Grpc", LogLevel.Warning);
            logging.AddFilter(UndecodableRequests.LogCategory, LogLevel.None);
        }

        if (settings.LogFormat == LogFormat.Json)
        {
            logging.AddJsonConsole(options =>
            {
                options.UseUtcTimestamp = true;
                options.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";
            });
        }
        else
        {
            logging.AddSimpleConsole(options =>
            {
                options.SingleLine = true;
                options.UseUtcTimestamp = true;
                options.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
                options.ColorBehavior = LoggerColorBehavior.Disabled;
            });
        }

        logging.Services.Configure<ConsoleLoggerOptions>(
            options => options.LogToStandardErrorThreshold = LogLevel.Trace);
    }
}
