// Stands for the one name of Angular that the guide's service uses: a service is a class, and the injector would make one of it.
export const Injectable = () => (service) => service;
