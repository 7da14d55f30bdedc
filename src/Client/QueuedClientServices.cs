using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Queued.Client;

/// <summary>Puts a client into a service collection.</summary>
public static class QueuedClientServices
{
    /// <summary>
    /// Adds <see cref="QueuedClient"/> and <see cref="IQueuedClient"/> as one singleton that connects when it is first
    /// used. A second call changes nothing.
    /// </summary>
    /// <param name="services">The collection.</param>
    /// <param name="options">Where and how. Null: all defaults.</param>
    /// <returns>The same collection.</returns>
    public static IServiceCollection AddQueuedClient(
        this IServiceCollection services, QueuedClientOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        return services.AddQueuedClient(_ => options ?? new QueuedClientOptions());
    }

    /// <inheritdoc cref="AddQueuedClient(IServiceCollection, QueuedClientOptions?)"/>
    /// <param name="services">The collection.</param>
    /// <param name="options">Makes the options when the client is first asked for.</param>
    public static IServiceCollection AddQueuedClient(
        this IServiceCollection services, Func<IServiceProvider, QueuedClientOptions> options)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(options);
        services.TryAddSingleton(provider => new QueuedClient(options(provider)));
        services.TryAddSingleton<IQueuedClient>(provider => provider.GetRequiredService<QueuedClient>());
        return services;
    }
}
